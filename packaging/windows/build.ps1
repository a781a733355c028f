<#
.SYNOPSIS
Builds the installer for Windows into dist\: wheel, locked libraries, PyInstaller, Inno Setup.

.DESCRIPTION
    powershell -ExecutionPolicy Bypass -File packaging\windows\build.ps1 [-Kind cpu|cuda]

Needs Python 3.11 or newer, git, the build tools of Visual Studio (for llama.cpp) and Inno Setup 6.3 or newer.
Signed is where FINDLING_SIGN holds a command line that ends before the file's name, as of signtool:

    $env:FINDLING_SIGN = 'signtool sign /fd SHA256 /tr TIME_SERVER /td SHA256 /a'
#>
param(
    [ValidateSet('cpu', 'cuda')]
    [string] $Kind = 'cpu',
    [string] $Python = 'python'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..\..')

function Invoke-Step {
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $($Arguments -join ' ') ended with $LASTEXITCODE"
    }
}

function Invoke-Signing {
    param([string] $File)
    if ($env:FINDLING_SIGN) {
        Invoke-Step 'cmd' @('/c', "$env:FINDLING_SIGN `"$File`"")
    }
}

# The icon is drawn by the venv that is frozen, before PyInstaller puts it into the programs.
$prepare = "import sys; sys.path.insert(0, 'packaging'); import freeze, wheel; " +
    "print(freeze.prepared('$Kind', wheel.built()))"
$frozenPython = & $Python -c $prepare | Select-Object -Last 1
if ($LASTEXITCODE -ne 0) { throw 'Installing what is frozen failed.' }
Invoke-Step $frozenPython @('packaging\linux\icons.py', 'ico', 'packaging\linux\icons\findling.ico')

Invoke-Step $Python @('packaging\freeze.py', $Kind)
$tree = "build\frozen\findling-$Kind"
$version = & $frozenPython -c "import findling; print(findling.__version__)"
if ($LASTEXITCODE -ne 0) { throw 'The version of Findling is not known.' }

Invoke-Step $Python @(
    'packaging\licences.py', $frozenPython, '--locked', 'packaging\locked.txt', '--locked',
    "packaging\locked-$Kind.txt", '--third-party', "$tree\THIRD-PARTY.txt", '--tree', $tree
)
New-Item -ItemType Directory -Force dist | Out-Null
Invoke-Step $Python @('packaging\sbom.py', $frozenPython, "dist\findling-$version-$Kind-windows.cdx.json")

# It starts, and its libraries are all there, before anything is packed.
Invoke-Step "$tree\findling.exe" @('--version')
Invoke-Step "$tree\findling.exe" @('--home', 'build\trial', 'doctor')

Invoke-Signing "$tree\findling.exe"
Invoke-Signing "$tree\findling-desktop.exe"

$compiler = Get-Command ISCC -ErrorAction SilentlyContinue | Select-Object -ExpandProperty Source -First 1
if (-not $compiler) {
    $places = @(${env:ProgramFiles(x86)}, $env:ProgramFiles, "$env:LOCALAPPDATA\Programs")
    $compiler = $places | Where-Object { $_ } | ForEach-Object { Join-Path $_ 'Inno Setup 6\ISCC.exe' } |
        Where-Object { Test-Path $_ } | Select-Object -First 1
}
if (-not $compiler) {
    Write-Output "$tree is complete. No installer was made of it: Inno Setup is not installed."
    exit 0
}
Invoke-Step $compiler @('/Q', "/DVersion=$version", "/DKind=$Kind", 'packaging\windows\findling.iss')
$installer = "dist\findling-$version-$Kind-setup.exe"
Invoke-Signing $installer
Write-Output $installer

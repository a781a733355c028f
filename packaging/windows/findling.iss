; The installer for Windows, by Inno Setup 6.3 or newer. packaging/windows/build.ps1 calls it:
;
;   ISCC /DVersion=0.1.0 /DKind=cpu packaging\windows\findling.iss
;
; It installs for one person, without an administrator's rights; who has them may choose all users. Nothing is
; registered as a program that opens files. Removing it removes what it installed; libraries, models and
; settings are the person's own and stay, and nothing is asked about them.

#ifndef Version
  #error Say which version: /DVersion=0.1.0
#endif
#ifndef Kind
  #define Kind "cpu"
#endif
#define Root AddBackslash(SourcePath) + "..\..\"
#define Tree Root + "build\frozen\findling-" + Kind

[Setup]
AppId={{B0520033-0DA7-4ED3-98C6-4952BA92D9F2}
AppName=Findling
AppVersion={#Version}
AppVerName=Findling {#Version}
AppPublisher=The Findling authors
AppCopyright=The Findling authors
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Findling
DefaultGroupName=Findling
DisableProgramGroupPage=yes
DisableDirPage=auto
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile={#Root}LICENSE
SetupIconFile={#Root}packaging\linux\icons\findling.ico
UninstallDisplayIcon={app}\findling-desktop.exe
OutputDir={#Root}dist
OutputBaseFilename=findling-{#Version}-{#Kind}-setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
ShowLanguageDialog=auto
; A Findling that runs is closed before its files are replaced; its index survives that at any moment.
CloseApplications=force
RestartApplications=no
ChangesAssociations=no

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
english.Quick=Findling: Small Search Box
german.Quick=Findling: Kleines Suchfeld
english.Search=Search your own documents by meaning and by words
german.Search=Eigene Dokumente nach Sinn und Wörtern durchsuchen

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Files that an older version had and this one has not.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Tree}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\Findling"; Filename: "{app}\findling-desktop.exe"; Comment: "{cm:Search}"
Name: "{autoprograms}\{cm:Quick}"; Filename: "{app}\findling-desktop.exe"; Parameters: "--quick"
Name: "{autodesktop}\Findling"; Filename: "{app}\findling-desktop.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\findling-desktop.exe"; Description: "{cm:LaunchProgram,Findling}"; \
  Flags: nowait postinstall skipifsilent

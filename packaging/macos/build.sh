#!/bin/sh
# Builds Findling.app and the disk image for macOS into dist/: wheel, locked libraries, PyInstaller, hdiutil.
#
#   sh packaging/macos/build.sh
#
# Needs Python 3.11 or newer, git, Xcode's command line tools and an Apple processor: for Intel's not all of the
# libraries are published any more. By itself the app is signed for this machine alone. To give it to others:
#
#   FINDLING_IDENTITY  the name of a "Developer ID Application" certificate in the keychain
#   FINDLING_NOTARY    a profile that `xcrun notarytool store-credentials` has stored; then Apple checks the
#                      image, and its ticket is stapled to it, so that it opens without a connection
#
# When Apple refuses it, `xcrun notarytool log ID --keychain-profile "$FINDLING_NOTARY"` names the files: as a
# rule a library that was not signed, or not with the hardened runtime.
set -eu
cd "$(dirname "$0")/../.."

python="${PYTHON:-python3}"
identity="${FINDLING_IDENTITY:--}"
entitlements=packaging/macos/entitlements.plist
stage=build/macos
app="$stage/Findling.app"

# The icon is drawn by the venv that is frozen, before PyInstaller puts it into the app.
frozen_python="$("$python" -c "import sys; sys.path.insert(0, 'packaging'); import freeze, wheel
print(freeze.prepared('cpu', wheel.built()))" | tail -n 1)"
"$frozen_python" packaging/linux/icons.py icns packaging/linux/icons/findling.icns
"$python" packaging/freeze.py cpu
version="$("$frozen_python" -c 'import findling; print(findling.__version__)')"
image="dist/findling-$version-macos-$(uname -m).dmg"

rm -rf "$stage"
mkdir -p "$stage" dist
ditto build/frozen/findling-cpu "$app"
"$python" packaging/licences.py "$frozen_python" --locked packaging/locked.txt \
    --locked packaging/locked-cpu.txt --tree "$app" \
    --third-party "$app/Contents/Resources/THIRD-PARTY.txt"
"$python" packaging/sbom.py "$frozen_python" "dist/findling-$version-macos.cdx.json"

# From the inside to the outside: what holds others is signed after them. An ad hoc signature (-) has no time.
stamp="--timestamp"
[ "$identity" = "-" ] && stamp="--timestamp=none"
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) |
while read -r file; do
    case "$(file -b "$file")" in
        *Mach-O*) codesign --force --options runtime "$stamp" --entitlements "$entitlements" \
            --sign "$identity" "$file" ;;
    esac
done
codesign --force --options runtime "$stamp" --entitlements "$entitlements" --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

# It starts, and its libraries are all there, before anything is packed.
"$app/Contents/MacOS/findling" --version
"$app/Contents/MacOS/findling" --home build/trial doctor

ln -s /Applications "$stage/Applications"
rm -f "$image"
hdiutil create -volname "Findling $version" -srcfolder "$stage" -fs HFS+ -format ULFO -quiet "$image"
if [ "$identity" != "-" ]; then
    codesign --sign "$identity" --timestamp "$image"
fi
if [ -n "${FINDLING_NOTARY:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$FINDLING_NOTARY" --wait
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature --verbose "$image"
fi
echo "$image"

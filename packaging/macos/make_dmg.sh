#!/bin/sh
# From dist/Regard.app to a disk image: signed with a hardened runtime and notarised where the environment holds
#   REGARD_SIGN_IDENTITY   "Developer ID Application: …" in the keychain
#   REGARD_NOTARY_PROFILE  a profile that `xcrun notarytool store-credentials` made
# Without them it is signed for this computer only, and others open it by Control-click, Open.
set -eu
cd "$(dirname "$0")/../.."
app=dist/Regard.app
version=$(/usr/libexec/PlistBuddy -c 'Print CFBundleShortVersionString' "$app/Contents/Info.plist")
image="dist/regard-$version-macos-$(uname -m).dmg"
identity=${REGARD_SIGN_IDENTITY:--}
options="--force --timestamp --options runtime"
[ "$identity" = - ] && options="--force"

# From the inside out: a signature covers those below it.
find "$app/Contents" -type f \( -name '*.so' -o -name '*.dylib' \) -print0 |
    # shellcheck disable=SC2086
    xargs -0 codesign $options --sign "$identity"
for program in "$app"/Contents/MacOS/*; do
    # shellcheck disable=SC2086
    codesign $options --entitlements packaging/macos/entitlements.plist --sign "$identity" "$program"
done
# shellcheck disable=SC2086
codesign $options --entitlements packaging/macos/entitlements.plist --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -quiet -fs HFS+ -format ULFO -volname Regard -srcfolder "$stage" -ov "$image"

if [ "$identity" != - ]; then
    codesign --force --timestamp --sign "$identity" "$image"
fi
if [ -n "${REGARD_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$REGARD_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
    spctl --assess --type open --context context:primary-signature "$image"
fi
echo "$image"

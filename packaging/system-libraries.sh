#!/bin/sh
# Installs the system libraries that Qt and OpenCV need, when run as root on Debian or Ubuntu and something is missing.
# Otherwise prints the one line to type. Does nothing on other systems.
set -eu
command -v apt-get >/dev/null 2>&1 || exit 0

packages="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0
libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
fonts-dejavu-core $*"

missing=""
for package in $packages; do
    # Ubuntu 24.04 and Debian 13 renamed some libraries (libglib2.0-0t64).
    dpkg-query -W -f '${db:Status-Status}\n' "$package" "${package}t64" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    echo "Installing system libraries:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Some system libraries are missing. Please type:" >&2
    echo "  sudo apt-get install$missing" >&2
    exit 1
fi

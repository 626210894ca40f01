#!/bin/sh
# As the official image: options or a .conf alone are the server's, which never runs as root.
set -eu
case "${1:-}" in -* | *.conf) set -- valkey-server "$@" ;; esac
if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
    chown -R valkey: .
    exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
fi
exec "$@"

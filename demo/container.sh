#!/bin/sh
# What the demo's container runs: the load, and in the foreground the service with the flags that are given.
set -eu
cd "$(dirname "$0")"
port="${MAYHEM_PORT:-8080}"

node demo/load.js --url="http://127.0.0.1:$port" --rate="${MAYHEM_RATE:-25}" &
exec node --import loopsight/register demo/main.js --port="$port" "$@"

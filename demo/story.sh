#!/bin/sh
# Play the story and tell it, a line for each thing that happens; every figure is what a command said.
# usage: demo/story.sh BUILD OUT [PHOTOS]
# BUILD: the folder with rescind and tests/demo-*. OUT is made anew. PHOTOS: a folder of photos, read and
# not changed; without it some are drawn. OUT/commands.sh has the commands behind each line, OUT/log what
# they answered. DRAW="PEOPLE PHOTOS SEED" says what is drawn.
set -eu
[ $# -eq 2 ] || [ $# -eq 3 ] || { echo "usage: demo/story.sh BUILD OUT [PHOTOS]" >&2; exit 2; }
demo=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
photos=${3:+$(cd "$3" && pwd)}
shown=$2 # as it is told
mkdir -p "$2"
out=$(cd "$2" && pwd)
case $photos/ in "$out"/*) echo "story: $photos is in $out, which is made anew" >&2; exit 2 ;; esac
case $out/ in "${photos:-none}"/*) echo "story: $out is in $photos; choose a folder of photos alone" >&2; exit 2 ;; esac
. "$demo/story-tell.sh"

begin
. "$demo/story-2014.sh"
. "$demo/story-2026.sh"
. "$demo/story-proof.sh"
end

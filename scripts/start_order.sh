#!/usr/bin/env bash
# Writes cmake/start_order.ld anew: which code a command runs, as valgrind sees it (package valgrind). Type it
# after larger changes of what runs in `pawprint emit`; an old list only costs time.
set -euo pipefail
cd "$(dirname "$0")/.."
./dev build release >/dev/null
bin=$PWD/build/release/bin/pawprint list=$PWD/cmake/start_order.ld
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export PAWPRINT_HOME=$work/home

mkdir "$work/project"; cd "$work/project"
git init -q; git remote add origin git@github.com:acme/demo.git
git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m one
"$bin" init >/dev/null
emit=(emit WPStatusChanged --aggregate WP01 --payload '{"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress","feature_slug":"001-first","actor":"ada"}')
"$bin" "${emit[@]}" >/dev/null
printf '[sync]\nqueue_limit = 5000\n' >"$PAWPRINT_HOME/pawprint.toml"
for durability in power process; do
  valgrind -q --tool=callgrind --demangle=no --callgrind-out-file="$work/ran.$durability" \
    "$bin" "${emit[@]}" --durability $durability >/dev/null
done
sed -n "s/^c\?fn=([0-9]*) //p" "$work"/ran.* | sed "s/'[0-9]*\$//" | grep -E '^[A-Za-z_]' | sort -u >"$work/functions"

# Libraries that were not compiled function by function go in by their objects, what glibc has for several
# processors in all forms of the newer ones.
archives=()
for name in c m-2.36 sqlite3 fyaml sodium gcc_eh; do archives+=("$(g++ -print-file-name="lib$name.a")"); done
nm -A --defined-only "${archives[@]}" 2>/dev/null | awk 'NF > 1 && $(NF - 1) ~ /^[TtWiu]$/ {
    split($1, at, ":"); sub(/.*\//, "", at[1]); sub(/-[0-9.]+\.a$/, "*.a", at[1])
    if (at[2] !~ /-sse/) sub(/-(avx|evex).*\.o$/, "-[ae]v*.o", at[2])
    print $NF, "*" at[1] ":" at[2] "(.text .text.*)" }' >"$work/objects"
{
  echo "/* Code that a command runs stands together, so that starting one reads few pages. Written by"
  echo "   scripts/start_order.sh; what is missing here works all the same, and what is gone matches nothing. */"
  echo "SECTIONS"
  echo "{"
  echo "  .text.start_order :"
  echo "  {"
  echo "    hot_code_begin = .;" # to the end of glibc: what every command runs (src/cli/own_pages.cc)
  echo "    *libboost_json.a:*(.text)"
  # What valgrind does not see: the entry, the vDSO, and a project that is linked.
  echo "    *crt1.o(.text)"
  echo "    *libc.a:dl-object.o(.text .text.*)"
  echo "    *libc.a:dl-lookup.o(.text .text.*)"
  echo "    *libc.a:strstr*.o(.text .text.*)"
  echo "    *(.text._ZN8pawprint6outbox7link_of* .text._ZN8pawprint6outbox4LinkC* .text._ZNK8pawprint6sqlite9Statement4text*)"
  awk 'NR == FNR { object[$1] = $2 " " $3; next }
    $1 in object { print "    " object[$1]; next }
    { gsub(/C1E/, "C[12]E"); gsub(/D1E/, "D[12]E"); print "    *(.text." $1 ")" }' "$work/objects" "$work/functions" | sort -u |
    awk '/^ *\*libfyaml/ && !ended { print "    hot_code_end = .;"; ended = 1 } { print }'
  echo "  }"
  echo "}"
  echo "INSERT BEFORE .text;"
} >"$list"
wc -l "$list"

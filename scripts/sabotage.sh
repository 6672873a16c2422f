#!/usr/bin/env bash
# A test that was never seen red proves nothing. Each line of tests/sabotage.txt names a deliberate break and the tests
# of which one must fail in a run with it, and all must pass without: NAME CTEST_REGEX. Wants build/PRESET to be built.
# Usage: scripts/sabotage.sh PRESET [NAME]
set -euo pipefail
cd "$(dirname "$0")/.."
export built=build/$1; shift
export where=$built/sabotage
mkdir -p $where

# Test programs are started without ctest, whose runs at one time in one build folder write over each other's logs.
run_test() { # LOG COMMAND: how it ended
  setsid --wait timeout --kill-after=5 60 bash -c 'cd $built && eval "exec $1"' test "$2" >"$1" 2>&1 </dev/null
}

try_break() { # NAME CTEST_REGEX
  local name=$1 pattern=$2 log red='' tests=0 command test
  while IFS=$'\t' read -r test command; do
    tests=$((tests + 1))
    log=$where/$name.$tests.log
    run_test "$log" "$command" || { echo "sabotage: $name: $test is red without the break: $log"; return 1; }
    PAWPRINT_SABOTAGE=$name run_test "$log" "$command" && continue
    grep -qF '[ RUN      ]' "$log" || { echo "sabotage: $name: $test did not run: $log"; return 1; }
    red="$red $test"
  done < <(jq -r --arg pattern "$pattern" '.tests[] | select(.name | test($pattern))
    | "\(.name | sub(" .*"; ""))\t\(.command | @sh)"' $where/tests.json)
  [ $tests -gt 0 ] || { echo "sabotage: $name: no test is named '$pattern'"; return 1; }
  [ -n "$red" ] || { echo "sabotage: $name: SURVIVED, no test of '$pattern' went red"; return 1; }
  echo "sabotage: $name: caught by$red"
}
export -f run_test try_break

lines=$(grep -v '^#' tests/sabotage.txt)
if [ $# -gt 0 ]; then
  lines=$(grep "^$1 " <<<"$lines") || { echo "sabotage: tests/sabotage.txt names no break '$1'" >&2; exit 2; }
fi
ctest --test-dir "$built" --show-only=json-v1 >$where/tests.json
status=0
xargs -d '\n' -P"$(nproc)" -I{} bash -c 'try_break "${1%% *}" "${1#* }"' break {} <<<"$lines" || status=1
[ $status -ne 0 ] || echo "sabotage: all $(wc -l <<<"$lines") caught"
exit $status

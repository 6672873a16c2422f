#!/usr/bin/env bash
# A test that was never seen red proves nothing. Each line of tests/sabotage.txt names a deliberate break and the tests
# that must fail with it: NAME TARGET CTEST_REGEX. Usage: scripts/sabotage.sh [NAME]
set -euo pipefail
cd "$(dirname "$0")/.."
only=${1:-}
survived=()
caught=0
while read -r name target pattern; do
  case $name in '' | '#'*) continue ;; esac
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  cmake --preset sabotage -DPAWPRINT_SABOTAGE="$name" >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
  ninja -C build/sabotage -j"$(nproc)" --quiet $(tr ',' ' ' <<<"$target")
  log=build/sabotage/$name.log
  if ctest --test-dir build/sabotage -R "$pattern" --no-tests=ignore >"$log" 2>&1; then
    survived+=("$name")
    echo "sabotage: $name: SURVIVED, no test of '$pattern' went red"
  elif ! grep -q 'tests failed' "$log"; then
    cat "$log" >&2
    exit 1
  else
    caught=$((caught + 1))
    echo "sabotage: $name: caught by $(sed -n 's/.*Test *#[0-9]*: \([^ ]*\) .*\*\*\*.*/\1/p' "$log" | sort -u | head -n 3 | tr '\n' ' ')"
  fi
done <tests/sabotage.txt
echo "sabotage: $caught caught, ${#survived[@]} survived"
[ ${#survived[@]} -eq 0 ]

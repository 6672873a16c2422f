#!/usr/bin/env bash
# The whole way, on real programs: a hub, a team, a user; then a project from `init` to the hub's board.
# Ends by itself and leaves nothing behind; with --keep the hub stays up.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
bin=$root/build/release/bin
keep=${1:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/pawprint-demo-XXXXXX")
export PAWPRINT_HOME=$work/home
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_SYSTEM=/dev/null
export PATH=$bin:$PATH
unset PAWPRINT_SERVER PAWPRINT_TOKEN SPEC_KITTY_HOME
hub_pid=

finish() {
  local status=$?
  if [ "$keep" = --keep ] && [ $status -eq 0 ]; then
    echo "the hub stays up at $url (user you@example.com, team demo); to end it: kill $hub_pid && rm -r $work"
    return
  fi
  [ -z "$hub_pid" ] || kill "$hub_pid" 2>/dev/null || true
  [ -z "$hub_pid" ] || wait "$hub_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

show() { # runs a command the way a person would type it
  printf '$ %s\n' "$*"
  "$@"
}

start_hub() {
  show pawprint-hub team add demo --data "$work/hub" --name "Demo team"
  printf '$ pawprint-hub user add you@example.com --team demo --password-stdin\n'
  printf 'correct horse battery\n' | pawprint-hub user add you@example.com --team demo --data "$work/hub" --password-stdin
  printf '$ pawprint-hub serve --listen 127.0.0.1:0\n'
  pawprint-hub serve --data "$work/hub" --listen 127.0.0.1:0 >"$work/ready" 2>"$work/hub.log" &
  hub_pid=$!
  local deadline=$((SECONDS + 20))
  until grep -q '^listening ' "$work/ready" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] && kill -0 "$hub_pid" 2>/dev/null || { cat "$work/hub.log" >&2; echo "demo: the hub did not start" >&2; exit 1; }
    read -rt 0.05 <> <(:) || true
  done
  url=$(sed -n 's/^listening //p' "$work/ready")
  echo "listening $url"
}

sign_in() {
  show pawprint sync server "$url"
  printf '$ pawprint auth login --username you@example.com --password-stdin --no-link\n'
  printf 'correct horse battery\n' | pawprint auth login --username you@example.com --password-stdin --no-link
}

api() { # PATH: reads the hub's API as the demo's user
  local token
  token=$(curl -fsS "$url/api/v1/token/" -H 'Content-Type: application/json' \
    -d '{"username":"you@example.com","password":"correct horse battery"}' | jq -r .access)
  curl -fsS "$url$1" -H "Authorization: Bearer $token"
}

# One project: prepared as a git repository, then taken from `init` to accepted.
walk_project() { # NAME FEATURE_SLUG
  local project=$work/$1 feature=$2 specs wp ids
  git -C "$project" init -q -b main
  git -C "$project" add -A
  git -C "$project" commit -qm "the project as it was"
  cd "$project"
  show pawprint init
  show pawprint sync link
  show pawprint agent feature finalize-tasks --feature "$feature"
  specs=kitty-specs/$feature
  for wp in $(ls "$specs/tasks" | sed -n 's/^\(WP[0-9]*\).*\.md$/\1/p' | sort -u); do
    show pawprint implement "$wp" --feature "$feature" --agent claude
    # The ids in the WP's own list that have a box in tasks.md.
    ids=$(awk '/^---$/ { n++ } n == 1' "$specs/tasks/$wp"*.md | grep -oE 'T[0-9]{3}' | sort -u |
      while read -r id; do grep -qE "^ *- \[ \] \**$id\b" "$specs/tasks.md" && echo "$id"; done || true)
    # shellcheck disable=SC2086
    [ -z "$ids" ] || show pawprint agent tasks mark-status $ids --status done --feature "$feature"
    show pawprint agent tasks move-task "$wp" --to for_review --feature "$feature" --agent claude
  done
  show pawprint agent feature accept --feature "$feature"
  show pawprint sync now
  cd "$root"
}

print_board() { # NAME FEATURE_SLUG: prints the hub's board and compares it with the lanes the commands made
  local uuid board expected got
  uuid=$(sed -n 's/^  uuid: *//p' "$work/$1/.kittify/config.yaml")
  board=$(api "/api/v1/projects/$uuid/features/$2")
  echo
  echo "board of $2 on the hub:"
  jq -r '.lanes | to_entries[] | select(.value != []) | "  \(.key)", (.value[] | "    \(.wp_id)  \(.title)")' <<<"$board"
  expected=$(ls "$work/$1/kitty-specs/$2/tasks" | sed -n 's/^\(WP[0-9]*\).*\.md$/\1 done/p' | sort -u)
  got=$(jq -r '.lanes | to_entries[] | .key as $lane | .value[] | "\(.wp_id) \($lane)"' <<<"$board" | sort -u)
  [ "$expected" = "$got" ] || { echo "demo: the board is not as expected" >&2; diff <(echo "$expected") <(echo "$got") >&2 || true; exit 1; }
  [ "$(jq '[.lanes[][] | select(.conflict)] | length' <<<"$board")" = 0 ] || { echo "demo: the board shows a conflict" >&2; exit 1; }
}

print_events() {
  echo
  echo "where each event went:"
  api "/api/v1/events?limit=1000" | jq -r '.events[] | "  seq \(.seq)  lamport \(.event.lamport_clock)  \(.event.event_type)  \(.event.aggregate_id)  \(.event.payload | if .to_lane then "\(.from_lane) -> \(.to_lane)" else (.wp_title // .title // "") end)"'
}

git config --global user.name "Demo user"
git config --global user.email you@example.com
start_hub
sign_in

declare -A walked=()
cp -r examples/demo-project "$work/birdhouse"
walked[birdhouse]=001-birdhouse-sensor
corpus=$root/../shared/corpus/features/rothnic__opencode-teams/004-team-topologies-roles
if [ -d "$corpus" ]; then
  mkdir -p "$work/opencode-teams/kitty-specs"
  cp -r "$corpus" "$work/opencode-teams/kitty-specs/"
  chmod -R u+w "$work/opencode-teams"
  walked[opencode-teams]=004-team-topologies-roles
fi
for name in "${!walked[@]}"; do walk_project "$name" "${walked[$name]}"; done
for name in "${!walked[@]}"; do print_board "$name" "${walked[$name]}"; done
print_events

stored=$(api "/api/v1/events?limit=1000" | jq '.events | length')
queued=$(cd "$work/birdhouse" && pawprint sync status --json | jq '.data.queue | .pending + .unlinked')
[ "$queued" = 0 ] || { echo "demo: $queued events are still queued" >&2; exit 1; }
echo
echo "demo: $stored events stored, $queued queued, board as expected"

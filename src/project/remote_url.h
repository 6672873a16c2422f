// What the URL of a git remote says (git-clone(1), "GIT URLS"), without its secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawprint::project {

// Without user, password, query, fragment and parameters in the path. Paths of this machine stay as they are.
std::string without_secrets(std::string_view url);

// "owner/repo" of a cleaned URL: the last two parts of its path; nullopt for paths of this machine and URLs
// that have fewer.
std::optional<std::string> repo_slug_of(std::string_view clean_url);

// The last part of the path, without ".git".
std::string repo_name_of(std::string_view clean_url);

// Lower case, ASCII letters and digits and everything beyond ASCII but spaces and punctuation kept, runs of
// anything else one '-', none at the ends. May be empty.
std::string slug_of(std::string_view name);

}  // namespace pawprint::project

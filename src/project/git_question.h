// Asking git itself for what a repository keeps in a form that is not read here. Each question starts one
// process, or two for a branch without a commit, and waits at most two seconds for a sign of life.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "project/git_refs.h"
#include "project/places.h"

namespace pawprint::project {

// Both want `places.git_dir`. Kind `failed` if there is no git, or it does not know either; what git says
// itself is left out, since it may quote addresses with passwords.

// HEAD of the checkout.
Result<GitHead> ask_head(const Environment& environment, const Places& places);
// The address of the remote `origin` as git uses it; nullopt: there is no such remote.
Result<std::optional<std::string>> ask_origin_url(const Environment& environment, const Places& places);

}  // namespace pawprint::project

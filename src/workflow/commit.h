// `--commit`: the files that a command changed, as one commit in the main checkout.
#pragma once

#include <span>
#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "project/places.h"

namespace pawprint::workflow {

// Commits `files` as they are on disk and nothing else: what else is changed stays so, and what is staged
// stays staged. false: they are as HEAD has them, or there are none. Blocks for git and for the repository's
// hooks. Kind `failed` with the first line of what git said, and the command that commits them as the hint;
// then the index is as it was.
Result<bool> commit_files(const Environment& environment, const project::Places& places,
                          std::span<const Path> files, const std::string& message);

}  // namespace pawprint::workflow

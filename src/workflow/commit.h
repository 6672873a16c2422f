// `--commit`: the changes that a command made to a feature's files, as one commit in the main checkout.
#pragma once

#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "project/places.h"
#include "workflow/feature.h"

namespace pawprint::workflow {

// Commits what has changed under the feature's directory and nothing else, whatever the index holds besides.
// false: nothing had changed. Kind `failed` with what git said.
Result<bool> commit_feature(const Environment& environment, const project::Places& places,
                            const Feature& feature, const std::string& message);

}  // namespace pawprint::workflow

// What `serve` gives to those who count, and the token of those who may read it.
#pragma once

#include <string>

#include "base/disk.h"
#include "hub/ingest/ingest.h"
#include "hub/metrics/metrics.h"

namespace pawprint::hub {

// Counts by verdict and category. `metrics` outlives what is returned.
ingest::OnVerdicts count_verdicts(metrics::Metrics& metrics);

// The first line of the file; empty if `file` is. A file that is not there or holds less than 16 characters:
// kind `failed`.
Result<std::string> metrics_token(Disk& disk, const Path& file);

}  // namespace pawprint::hub

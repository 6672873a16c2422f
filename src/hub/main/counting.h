// What `serve` gives to those who count.
#pragma once

#include "hub/ingest/ingest.h"
#include "hub/metrics/metrics.h"

namespace pawprint::hub {

// Counts by verdict and category. `metrics` outlives what is returned.
ingest::OnVerdicts count_verdicts(metrics::Metrics& metrics);

}  // namespace pawprint::hub

#pragma once

#include <boost/json/fwd.hpp>

#include "tests/bench/flow_crew.h"

namespace bench {

// Memory of server and modules over so many signatures, after a tenth of them has warmed up: at
// the start, the quarters and the end of the rest, each the median of a tenth of it around that
// point, since the engine's recycling makes a saw-tooth. What rises in every quarter is a leak.
boost::json::object measure_growth(const Appliance& appliance, FlowCrew& crew, std::size_t flows);

}  // namespace bench

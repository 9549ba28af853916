#pragma once

#include <boost/json/fwd.hpp>

#include "tests/bench/flow_crew.h"

namespace bench {

// Closed loop: whoever is done begins anew. CPU of server and modules per flow, flows a second,
// and the quantiles of signHash.
boost::json::object measure_flow(const Appliance& appliance, FlowCrew& crew, std::size_t flows);

// Open loop: flows begin at a fixed rate whatever happened to those before.
boost::json::object measure_open(FlowCrew& crew, double rate, double seconds);

}  // namespace bench

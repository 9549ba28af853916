#pragma once

#include <boost/json/fwd.hpp>

#include "tests/bench/flow_crew.h"

namespace bench {

// Memory per transaction that waits for its signer while no connection waits for it: of the server
// and of its modules. `warm_up` of them come first, to fill what is bounded (the database's page
// caches). Ends the process with a message when the first would have expired before the last came.
boost::json::object measure_pending(const Appliance& appliance,
                                    FlowCrew& crew,
                                    std::size_t warm_up,
                                    std::size_t pending);

}  // namespace bench

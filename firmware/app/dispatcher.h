#pragma once

#include "firmware/command/core.h"

namespace firmware::app {

// Answers one request: the command's rule (known, state, role) before anything of its body is
// read, then the strict decoder, then the command. Answers the response's size.
std::size_t dispatch(command::Core& core,
                     hsm::ByteView request,
                     hsm::protocol::Role role,
                     hsm::MutableBytes response);

}  // namespace firmware::app

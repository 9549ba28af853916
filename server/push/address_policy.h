#pragma once

#include <sys/socket.h>

namespace server::push {

// True for an address that anybody on the internet could have: IPv4 and IPv6 unicast outside every
// range that RFC 6890 and its registry set apart (private, loopback, link-local, shared,
// documentation, benchmarking, multicast, reserved), and for IPv6 outside those that carry an IPv4
// address in them. False for every other family.
bool is_public_address(const sockaddr& address);

}  // namespace server::push

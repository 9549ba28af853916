#pragma once

#include "board/host/descriptor.h"
#include "board/host/setup_error.h"
#include "hsm/base/bytes.h"

// What a process does to itself so that its memory stays its own. Root of the machine is not
// resisted (firmware/THREAT_MODEL.md).
namespace board::host {

// No core dump, no ptrace by processes of the same uid, pages kept out of swap as far as the limit
// on locked memory goes (said in the log when it does not).
void protect_process();

// Becomes `user` for good, with that user's groups. The text says why not.
Setup<void> become_user(const std::string& user);

// SHA-256 of the running program's file.
Setup<hsm::Digest> hash_of_program();

// A descriptor that becomes readable at SIGTERM, SIGINT and SIGHUP, which no longer end the
// process. SIGPIPE is ignored.
Setup<Descriptor> open_signals();

enum class Signal { none, stop, hang_up };

// The next one that waits there.
Signal next_signal(int descriptor);

// Memory to wipe when an invariant is broken, before the process aborts. At most four; each lives
// as long as the process.
void wipe_on_broken_invariant(hsm::MutableBytes memory);

}  // namespace board::host

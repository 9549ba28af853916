#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "tests/support/bare_module.h"

namespace fuzz {

using tests::support::BareModule;
using tests::support::Bytes;

// A module with people who have approved some things and not others, the requests that a hostile
// server has of them, and what the module may do with whatever is sent to it.
class Story {
public:
    // Operational, everything opened and approved anew. The module is the one of the story before,
    // if that has left nothing behind but records and signatures: a start costs more than a story.
    Story();
    ~Story();
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    // What a server has in its hands: right requests, and some that lack an approval.
    const std::vector<Bytes>& requests() const { return requests_; }

    // Sends it and looks at the answer, at the flash and at the module's state; aborts when
    // anything is done that nobody has approved, twice, or without being recorded.
    void send(hsm::ByteView request, hsm::protocol::Role role);

    void let_pass(std::uint64_t ms) { module_.let_pass(ms); }

    // RAM is gone; no approval of before is worth anything, all that was answered is there.
    void restart();

    // Power fails in the flash operation after so many, and is back at once.
    void cut_after(std::uint32_t operations, tests::support::Tear tear, std::uint32_t seed);

private:
    // A leaf that its holder has approved, in an activation that is open.
    struct Occurrence {
        hsm::Digest challenge{};
        std::uint32_t leaf = 0;
        friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
    };
    struct Made {
        Bytes signature;
        bool acknowledged = false;
    };

    static std::unique_ptr<BareModule> make_module();
    void prepare();
    void prepare_signatures();
    void prepare_bind();
    void prepare_rebind();
    void unlock();

    void check_state(hsm::protocol::State before);
    void check_answer(hsm::ByteView request, hsm::ByteView response, bool flash_used);
    void check_sign(hsm::ByteView request, hsm::ByteView response);
    void check_result(hsm::ByteView request, hsm::ByteView response);
    void note_acknowledged(hsm::ByteView request);
    void check_change(hsm::protocol::Command command, hsm::ByteView request);
    void check_after_start();

    static std::unique_ptr<BareModule> ready_;

    std::unique_ptr<BareModule> kept_;
    BareModule& module_;
    bool lasting_ = false;  // this module is not for another story
    std::vector<Bytes> requests_;
    std::map<Occurrence, Bytes> approved_;   // the hash
    std::set<hsm::Digest> bind_approved_;    // challenges
    std::set<hsm::Digest> rebind_approved_;  // challenges
    bool rebind_prepared_ = false;           // answered
    bool rebind_perhaps_ = false;            // asked for, and power went
    std::map<Occurrence, Made> made_;
    std::uint64_t boot_counter_;
    std::uint64_t last_index_ = 0;
};

}  // namespace fuzz

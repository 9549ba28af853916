#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/module_port.h"
#include "hsm/client/link.h"

namespace server::app {

// The modules of one group behind cloudsign's port: one hsm::client::Link each.
class ModuleGroup final : public cloudsign::ModulePort {
public:
    ModuleGroup(std::vector<hsm::client::LinkSettings> links, const cloudsign::Clock& clock);

    std::vector<cloudsign::ModuleInfo> members() override;
    hsm::Result<void> self_test(const hsm::Digest& module_id) override;
    hsm::Result<cloudsign::Bytes> generate_key(hsm::protocol::KeyKind kind,
                                               hsm::protocol::KeyType type,
                                               const cloudsign::Bytes& policy) override;
    hsm::Result<cloudsign::OpenedActivation> open_activation(
        const cloudsign::OpenCall& call) override;
    hsm::Result<cloudsign::Bytes> bind(const hsm::Digest& module_id,
                                       const cloudsign::Bytes& blob,
                                       const cloudsign::Bytes& preimage,
                                       const hsm::Digest& mac,
                                       const std::vector<cloudsign::Bytes>& assertions) override;
    std::vector<hsm::Result<cloudsign::Signed>> sign(
        const hsm::Digest& module_id, const std::vector<cloudsign::SignCall>& calls) override;
    hsm::Result<cloudsign::Signed> get_result(const hsm::Digest& module_id,
                                              const hsm::Digest& challenge,
                                              std::uint32_t leaf_index) override;
    // Told to the module sixteen at a time, at the latest when members() is asked next.
    void acknowledge(const hsm::Digest& module_id,
                     const hsm::Digest& challenge,
                     std::uint32_t leaf_index) override;
    hsm::Result<cloudsign::Bytes> rebind(const hsm::Digest& module_id,
                                         const cloudsign::Bytes& blob,
                                         const cloudsign::Bytes& preimage,
                                         const hsm::Digest& mac,
                                         const std::vector<cloudsign::Bytes>& assertions,
                                         const cloudsign::Bytes& new_policy) override;
    hsm::Result<cloudsign::Bytes> sign_service(const cloudsign::ServiceCall& call) override;
    hsm::Result<cloudsign::Bytes> sign_list(const cloudsign::Bytes& blob,
                                            const hsm::protocol::Algorithm& algorithm,
                                            const cloudsign::Bytes& list) override;
    hsm::Result<void> revoke_key(const hsm::Digest& module_id,
                                 const cloudsign::Bytes& blob,
                                 const cloudsign::Bytes& preimage,
                                 const hsm::Digest& mac,
                                 const std::vector<cloudsign::Bytes>& assertions) override;
    hsm::Result<cloudsign::Bytes> attest_key(const cloudsign::Bytes& blob,
                                             const hsm::protocol::Nonce& nonce) override;
    // The blob under the members' epoch; the same bytes at each of them.
    hsm::Result<cloudsign::Bytes> reseal(const cloudsign::Bytes& blob);
    hsm::Result<cloudsign::Bytes> audit_head(const hsm::Digest& module_id,
                                             const hsm::protocol::Nonce& challenge) override;
    hsm::Result<std::vector<cloudsign::Bytes>> audit_export(const hsm::Digest& module_id,
                                                            std::uint64_t from_index) override;
    hsm::Result<void> audit_release(const hsm::Digest& module_id,
                                    std::uint64_t up_to_index) override;

    std::size_t size() const { return members_.size(); }

    // How many were operational when members() last asked. One that has been silent since, but not
    // for long, still counts.
    std::size_t operational() const;

    // Who this server is to the member, from its next connection on, which begins at once.
    void use(std::size_t member, hsm::client::Psk psk) {
        members_[member].link->use(std::move(psk));
    }

    // Finishes what is in flight, at most until then. Any thread, and more than once.
    void stop(hsm::client::Deadline patience);

private:
    using Clock = std::chrono::steady_clock;

    struct Member {
        std::unique_ptr<hsm::client::Link> link;
        // Guarded by mutex_.
        std::optional<hsm::Digest> module_id;  // known after its first answer
        bool operational = false;
        bool silent = false;  // does not answer in time: the others are asked first
        Clock::time_point answered;
        hsm::protocol::AcknowledgeRequest acknowledged;  // not told yet
    };

    // Tells the module what was gathered. The caller holds mutex_.
    static void tell_acknowledged(Member& member);
    void note(Member& member, const hsm::Result<cloudsign::ModuleInfo>& answer);
    // In the order in which they are to be asked, another one first at each call.
    std::vector<Member*> in_turn();

    hsm::client::Link* link_of(const hsm::Digest& module_id);
    // Every other member's acknowledgement; `acknowledgement_missing` when one cannot be asked.
    hsm::Result<std::vector<cloudsign::Bytes>> revoke_elsewhere(const hsm::Digest& module_id,
                                                                hsm::ByteView revocation);
    std::uint64_t host_time() const { return static_cast<std::uint64_t>(clock_.now_ms()); }
    // Asks the members in turn, from another one at each call, until one can be reached.
    template <class Ask>
    auto ask_any(Ask ask) -> decltype(ask(std::declval<hsm::client::Link&>()));
    template <class Request>
    hsm::Result<hsm::client::Reply<hsm::protocol::ResponseOf<Request>>> ask(
        const hsm::Digest& module_id, const Request& request);

    const cloudsign::Clock& clock_;
    std::mutex stop_mutex_;
    std::mutex list_mutex_;  // a module takes one list at a time
    mutable std::mutex mutex_;
    std::vector<Member> members_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace server::app

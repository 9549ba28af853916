#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>

#include "cloudsign/module_port.h"
#include "tests/support/module_fixture.h"

namespace tests::support {

// The modules in this process behind the product's own port, with the faults that a link may have.
// Any thread, one call at a time.
class InProcessModules final : public cloudsign::ModulePort {
public:
    explicit InProcessModules(ModuleGroup& group, std::size_t count = 1);

    // Carried out by the module, but answered with link_closed: this many of the next `sign` and
    // `bind` calls, and every acknowledgement while `acknowledgements_lost`.
    std::atomic<unsigned> answers_lost{0};
    std::atomic<bool> acknowledgements_lost{false};
    // The member signs and cannot be reached from then on: nobody hears of its signatures.
    std::atomic<bool> gone_after_sign{false};
    // Members that cannot be reached, and the one that is asked first.
    std::set<std::size_t> down;
    std::size_t first = 0;
    // Runs before each `sign` call goes out, without the port's own lock.
    std::function<void()> before_sign;

    std::vector<cloudsign::ModuleInfo> members() override;
    hsm::Result<void> self_test(const hsm::Digest& module_id) override;
    hsm::Result<Bytes> generate_key(hsm::protocol::KeyKind kind,
                                    hsm::protocol::KeyType type,
                                    const Bytes& policy) override;
    hsm::Result<cloudsign::OpenedActivation> open_activation(
        const cloudsign::OpenCall& call) override;
    hsm::Result<Bytes> bind(const hsm::Digest& module_id,
                            const Bytes& blob,
                            const Bytes& preimage,
                            const hsm::Digest& mac,
                            const std::vector<Bytes>& assertions) override;
    std::vector<hsm::Result<cloudsign::Signed>> sign(
        const hsm::Digest& module_id, const std::vector<cloudsign::SignCall>& calls) override;
    hsm::Result<cloudsign::Signed> get_result(const hsm::Digest& module_id,
                                              const hsm::Digest& challenge,
                                              std::uint32_t leaf_index) override;
    void acknowledge(const hsm::Digest& module_id,
                     const hsm::Digest& challenge,
                     std::uint32_t leaf_index) override;
    hsm::Result<Bytes> rebind(const hsm::Digest& module_id,
                              const Bytes& blob,
                              const Bytes& preimage,
                              const hsm::Digest& mac,
                              const std::vector<Bytes>& assertions,
                              const Bytes& new_policy) override;
    hsm::Result<Bytes> sign_service(const cloudsign::ServiceCall& call) override;
    hsm::Result<Bytes> sign_list(const Bytes& blob,
                                 const hsm::protocol::Algorithm& algorithm,
                                 const Bytes& list) override;

    hsm::Result<void> revoke_key(const hsm::Digest& module_id,
                                 const Bytes& blob,
                                 const Bytes& preimage,
                                 const hsm::Digest& mac,
                                 const std::vector<Bytes>& assertions) override;
    hsm::Result<Bytes> attest_key(const Bytes& blob, const hsm::protocol::Nonce& nonce) override;
    hsm::Result<Bytes> audit_head(const hsm::Digest& module_id,
                                  const hsm::protocol::Nonce& challenge) override;
    hsm::Result<std::vector<Bytes>> audit_export(const hsm::Digest& module_id,
                                                 std::uint64_t from_index) override;
    hsm::Result<void> audit_release(const hsm::Digest& module_id,
                                    std::uint64_t up_to_index) override;

private:
    Target member(std::size_t index);
    std::optional<std::size_t> index_of(const hsm::Digest& module_id);
    hsm::Result<Target> member_named(const hsm::Digest& module_id);
    hsm::Result<Target> any_member();
    bool loses_answer();
    hsm::Result<std::vector<Bytes>> revoke_elsewhere(const hsm::Digest& module_id,
                                                     hsm::ByteView revocation);

    ModuleGroup& group_;
    std::vector<hsm::Digest> ids_;
    std::recursive_mutex mutex_;
};

}  // namespace tests::support

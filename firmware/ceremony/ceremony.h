#pragma once

#include "firmware/engine/engine.h"
#include "firmware/engine/hpke.h"
#include "hsm/protocol/ceremony.h"
#include "hsm/protocol/statement.h"

// The module's side of a KEK ceremony: PROTOCOL.md "KEK ceremony".
namespace firmware::ceremony {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::CeremonyKind;
using hsm::protocol::CeremonyStatement;
using hsm::protocol::GroupConfiguration;
using hsm::protocol::LiveMember;
using hsm::protocol::Share;
using hsm::protocol::ShareSet;

using Shares = std::array<Share, hsm::protocol::custodians_max>;

// One ceremony, from its opening to its end; in RAM only, so a restart ends it, and so does the
// opening of another. Whoever made the KEK forgets it as soon as the shares are sealed: it comes
// back out of the shares or not at all. One object, not movable: the decoded set points into it.
class Ceremony {
public:
    Ceremony() = default;
    Ceremony(const Ceremony&) = delete;
    Ceremony& operator=(const Ceremony&) = delete;

    // Draws a secret, shares it among the configuration's custodians and tries the epoch for a
    // moment to make the restore proof. `not_supported` from an engine whose KEKs stay in a token,
    // `wrong_state` when the engine keeps an epoch of this number.
    Result<void> make(engine::Engine& engine, const GroupConfiguration& group, std::uint32_t epoch);

    // Takes the set that `encoded` is: of this group, class and custodians. `malformed`,
    // `configuration_wrong`, `not_supported`.
    Result<void> restore(engine::Engine& engine, const GroupConfiguration& group, ByteView encoded);

    // What the module signs; its fields about the module itself are the caller's to fill before.
    // Draws nonce and ceremony key.
    Result<void> open(engine::Engine& engine, CeremonyStatement& statement);
    // The transcript of the statement that was signed: from here on shares may leave and come.
    void begin(const Digest& transcript);

    // Of a `make` that has begun, the i-th custodian's share, from 1, encoded into `buffer`.
    Result<ByteView> seal_share(const GroupConfiguration& group,
                                std::uint8_t index,
                                MutableBytes buffer);
    // All shares are sealed: forgets them.
    void forget_shares();

    // Takes one signed inward share. `ceremony_not_open`, `malformed`, `transcript_wrong`,
    // `share_foreign` (no such custodian, or another set), `custodian_wrong`, `share_wrong` (does
    // not open, or is not the one that was given out), `share_repeated`. A right share beyond the
    // threshold changes nothing.
    Result<void> add_share(engine::Engine& engine,
                           const GroupConfiguration& group,
                           ByteView signed_share);

    // Combines the shares, tries the epoch and has it open what was sealed under it; then the
    // engine keeps it. `ceremony_not_open`, `shares_missing`, `kek_wrong`. Of an epoch that the
    // engine keeps from an earlier run, which the power ended, only the proof is asked.
    Result<void> finish(engine::Engine& engine);

    void close();

    bool is_open() const { return begun_; }
    CeremonyKind kind() const { return kind_; }
    ByteView encoded_set() const { return encoded_set_; }
    const ShareSet& set() const { return set_; }
    const Digest& transcript() const { return transcript_; }
    std::uint8_t shares_taken() const { return taken_; }
    // Whose shares were taken, as thumbprints.
    hsm::protocol::BoundedList<Digest, hsm::protocol::custodians_max> givers() const;
    // `none` when every custodian who gave a share said so.
    LiveMember live_member() const;

private:
    Result<void> seal_proof(engine::Engine& engine, ShareSet& set);
    Result<void> check_proof(engine::Engine& engine) const;
    Result<void> adopt_set(const ShareSet& set);
    struct CheckedShare {
        Share share;
        LiveMember live_member = LiveMember::exists;
    };
    Result<void> check_share(engine::Engine& engine,
                             const GroupConfiguration& group,
                             ByteView signed_share,
                             CheckedShare& checked) const;
    Result<Share> open_share(const hsm::protocol::InwardShare& sealed) const;
    bool has_taken(std::uint8_t index) const;

    CeremonyKind kind_ = CeremonyKind::make;
    bool begun_ = false;
    hsm::BoundedBytes<hsm::protocol::share_set_size_max> encoded_set_;
    ShareSet set_;
    engine::HpkeKeyPair key_;
    Digest transcript_{};
    Shares made_;   // to be sealed outward
    Shares given_;  // come in
    std::uint8_t taken_ = 0;
    std::uint8_t without_live_member_ = 0;
};

}  // namespace firmware::ceremony

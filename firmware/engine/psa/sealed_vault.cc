#include "firmware/engine/psa/sealed_vault.h"

#include "firmware/engine/psa/kwp.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Secret;
using hsm::Status;

namespace {

constexpr std::string_view salt_record = "salt";
// Sealed when the token is made, and only there to be opened: a module that joins with a wrong
// secret learns it before it seals anything under that.
constexpr std::string_view probe_record = "probe";
constexpr std::string_view domain = "kyso key vault 2: ";

class Derivation {
public:
    Derivation() = default;
    ~Derivation() { (void)psa_key_derivation_abort(&operation_); }
    Derivation(const Derivation&) = delete;
    Derivation& operator=(const Derivation&) = delete;

    psa_key_derivation_operation_t* get() { return &operation_; }

private:
    psa_key_derivation_operation_t operation_ = PSA_KEY_DERIVATION_OPERATION_INIT;
};

}  // namespace

Result<void> SealedVault::open(ByteView secret) {
    master_.reset();
    if (secret.size() < unlock_secret_size_min || secret.size() > unlock_secret_size_max) {
        return Status::secret_wrong;
    }
    TRY(vault_.hold());
    const auto made = make_token();
    vault_.release();
    TRY(made);
    Secret<flash_secret_size> flash_secret;
    TRY(flash_secret_.read(flash_secret));
    Secret<flash_secret_size + unlock_secret_size_max> both;
    std::ranges::copy(flash_secret.reveal(), both.storage().begin());
    std::ranges::copy(secret, both.storage().begin() + flash_secret_size);
    both.resize(flash_secret_size + secret.size());

    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_DERIVE);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
    psa_set_key_algorithm(&attributes, PSA_ALG_HKDF(PSA_ALG_SHA_256));
    TRY_ASSIGN(master_, KeyHandle::import(attributes, both.reveal()));
    if (auto right = check_secret(); !right) {
        master_.reset();
        return right;
    }
    return {};
}

Result<bool> SealedVault::has_token() {
    std::array<Byte, 32> salt{};
    const auto size = vault_.load(salt_record, salt);
    if (!size && size.error() != Status::key_missing) {
        return size.error();
    }
    return size.has_value();
}

Result<void> SealedVault::check_at_rest() {
    TRY_ASSIGN(const auto presence, flash_secret_.look());
    if (presence == FlashSecret::Presence::wiped) {
        return Status::key_wiped;
    }
    if (presence == FlashSecret::Presence::present) {
        return {};
    }
    // The secret is drawn before the first record, so with a record it was there once.
    TRY_ASSIGN(const bool used, has_token());
    return used ? Result<void>(Status::key_wiped) : Result<void>();
}

Result<void> SealedVault::make_flash_secret() {
    TRY_ASSIGN(const auto presence, flash_secret_.look());
    if (presence == FlashSecret::Presence::present) {
        return {};
    }
    Secret<flash_secret_size> drawn;
    TRY(checked(psa_generate_random(drawn.storage().data(), drawn.storage().size())));
    drawn.resize(flash_secret_size);
    return flash_secret_.draw(drawn.reveal());
}

Result<void> SealedVault::wipe() {
    close();
    return flash_secret_.wipe();
}

Result<void> SealedVault::make_token() {
    TRY(check_at_rest());
    TRY(make_flash_secret());
    auto size = vault_.load(salt_record, salt_);
    if (!size && size.error() == Status::key_missing) {
        TRY(checked(psa_generate_random(salt_.data(), salt_.size())));
        TRY_ASSIGN(auto creation, vault_.create(salt_record, salt_));
        if (creation == Creation::created) {
            return {};
        }
        size = vault_.load(salt_record, salt_);
    }
    TRY_ASSIGN(auto loaded, std::move(size));
    if (loaded != salt_.size()) {
        return Status::storage_corrupt;
    }
    return {};
}

Result<void> SealedVault::check_secret() {
    Secret<sealed_record_size_max> probe;
    auto loaded = load(probe_record, probe);
    if (!loaded && loaded.error() == Status::key_missing) {
        std::array<Byte, 32> random{};
        TRY(checked(psa_generate_random(random.data(), random.size())));
        TRY(create(probe_record, random));
        loaded = load(probe_record, probe);
    }
    if (!loaded && loaded.error() == Status::storage_corrupt) {
        return Status::secret_wrong;
    }
    return loaded;
}

Result<void> SealedVault::load(std::string_view name, Secret<sealed_record_size_max>& out) const {
    out.clear();
    std::array<Byte, kwp_size(sealed_record_size_max)> sealed;
    TRY_ASSIGN(auto size, vault_.load(name, sealed));
    TRY_ASSIGN(auto key, record_key(name));
    auto opened = kwp_unwrap(key.reveal(), ByteView(sealed).first(size), out.storage());
    if (!opened) {
        return Status::storage_corrupt;
    }
    out.resize(*opened);
    return {};
}

Result<Creation> SealedVault::create(std::string_view name, ByteView plain) {
    TRY_ASSIGN(auto key, record_key(name));
    std::array<Byte, kwp_size(sealed_record_size_max)> sealed;
    TRY_ASSIGN(auto size, kwp_wrap(key.reveal(), plain, sealed));
    return vault_.create(name, ByteView(sealed).first(size));
}

Result<SealedVault::RecordKey> SealedVault::record_key(std::string_view name) const {
    Derivation derivation;
    auto* operation = derivation.get();
    TRY(checked(psa_key_derivation_setup(operation, PSA_ALG_HKDF(PSA_ALG_SHA_256))));
    TRY(checked(psa_key_derivation_input_bytes(
        operation, PSA_KEY_DERIVATION_INPUT_SALT, salt_.data(), salt_.size())));
    TRY(checked(
        psa_key_derivation_input_key(operation, PSA_KEY_DERIVATION_INPUT_SECRET, master_.id())));
    hsm::BoundedBytes<domain.size() + vault_name_size_max> label;
    CHECK(label.append(hsm::view_of(domain)) && label.append(hsm::view_of(name)));
    TRY(checked(psa_key_derivation_input_bytes(
        operation, PSA_KEY_DERIVATION_INPUT_INFO, label.data(), label.size())));
    RecordKey key;
    TRY(checked(
        psa_key_derivation_output_bytes(operation, key.storage().data(), key.storage().size())));
    key.resize(RecordKey::size_max);
    return key;
}

}  // namespace firmware::engine::psa

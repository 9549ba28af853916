#include "firmware/keystore/group.h"

#include <bit>

#include "firmware/engine/digest.h"
#include "firmware/keystore/policy.h"
#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"
#include "hsm/protocol/share.h"

namespace firmware::keystore {
namespace {

constexpr std::string_view configuration_key = "configuration";
constexpr std::string_view certificate_key = "certificate";
constexpr std::string_view epoch_key = "epoch";
constexpr std::size_t epoch_value_size = 2 * sizeof(std::uint32_t) + 1;

template <class List>
bool has_repetition(const List& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (list[i] == list[j]) {
                return true;
            }
        }
    }
    return false;
}

std::size_t count_persons(const GroupConfiguration& group) {
    unsigned persons = 0;
    for (const auto person : group.officers_persons) {
        persons |= 1u << person;
    }
    return static_cast<std::size_t>(std::popcount(persons));
}

bool contains(const auto& list, const auto& item) {
    return std::ranges::find(list, item) != list.end();
}

}  // namespace

Result<GroupConfiguration> check_configuration(ByteView encoded,
                                               const Digest& module_id,
                                               AssuranceClass assurance_class) {
    auto decoded = hsm::protocol::decode_tagged<GroupConfiguration>(encoded);
    if (!decoded) {
        return Status::configuration_wrong;
    }
    const auto& group = *decoded;
    const bool officers_right = count_persons(group) >= group.officers_needed &&
                                group.officers.size() == group.officers_backup_eligible.size() &&
                                group.officers.size() == group.officers_persons.size() &&
                                !has_repetition(group.officers);
    const hsm::protocol::ShareScheme scheme{group.custodians_needed,
                                            static_cast<std::uint8_t>(group.custodians.size())};
    const bool custodians_right =
        scheme.is_sound() && !has_repetition(group.custodians) &&
        std::ranges::none_of(group.custodians, [&](const hsm::protocol::Point& custodian) {
            return contains(group.officers, custodian);
        });
    const bool members_right = contains(group.members, module_id) && !has_repetition(group.members);
    // A class never shares a KEK with another: what a test module holds, a board must not open.
    if (!officers_right || !custodians_right || !members_right ||
        group.assurance_class != assurance_class || !is_plain_name(group.rp_id) ||
        !is_plain_name(group.origin)) {
        return Status::configuration_wrong;
    }
    return decoded;
}

Digest Group::configuration_hash() const {
    const ByteView parts[] = {encoded_};
    return engine::sha256(parts);
}

bool Group::has_member(const Digest& module_id) const {
    return contains(configuration_.members, module_id);
}

Result<void> Group::adopt(ByteView configuration, ByteView certificate, std::uint32_t epoch) {
    if (!certificate_.assign(certificate)) {
        return Status::storage_corrupt;
    }
    epoch_ = epoch;
    return adopt_configuration(configuration);
}

Result<void> Group::adopt_configuration(ByteView configuration) {
    if (!encoded_.assign(configuration)) {
        return Status::storage_corrupt;
    }
    auto decoded = hsm::protocol::decode_tagged<GroupConfiguration>(encoded_);
    if (!decoded) {
        return Status::storage_corrupt;
    }
    configuration_ = *decoded;
    return {};
}

Result<void> Group::establish(storage::LogStore& store,
                              ByteView configuration,
                              ByteView certificate,
                              std::uint32_t epoch) {
    TRY(store.put(hsm::view_of(configuration_key), configuration));
    TRY(store.put(hsm::view_of(certificate_key), certificate));
    TRY(enter_epoch(store, epoch, Table::complete));
    return adopt(configuration, certificate, epoch);
}

Result<void> Group::change(storage::LogStore& store, ByteView configuration) {
    TRY(store.put(hsm::view_of(configuration_key), configuration));
    return adopt_configuration(configuration);
}

Result<void> Group::enter_epoch(storage::LogStore& store,
                                std::uint32_t epoch,
                                Table table,
                                std::uint32_t previous) {
    std::array<hsm::Byte, epoch_value_size> value{};
    hsm::ByteWriter writer(value);
    writer.u32(epoch);
    writer.u8(static_cast<hsm::Byte>(table));
    writer.u32(previous);
    TRY(store.put(hsm::view_of(epoch_key), value));
    epoch_ = epoch;
    table_ = table;
    previous_epoch_ = previous;
    return {};
}

Result<void> Group::load(storage::LogStore& store) {
    std::array<hsm::Byte, epoch_value_size> number{};
    auto stored = store.get(hsm::view_of(epoch_key), number);
    if (!stored) {
        return stored.error() == Status::no_such_record ? Result<void>() : stored.error();
    }
    hsm::ByteReader reader(*stored);
    TRY_ASSIGN(auto epoch, reader.u32());
    TRY_ASSIGN(auto table, reader.u8());
    TRY_ASSIGN(previous_epoch_, reader.u32());
    std::array<hsm::Byte, hsm::protocol::configuration_size_max> configuration_buffer{};
    std::array<hsm::Byte, hsm::protocol::certificate_size_max> certificate_buffer{};
    const auto configuration = store.get(hsm::view_of(configuration_key), configuration_buffer);
    const auto certificate = store.get(hsm::view_of(certificate_key), certificate_buffer);
    if (!configuration || !certificate || table > static_cast<hsm::Byte>(Table::awaited)) {
        return Status::storage_corrupt;
    }
    table_ = static_cast<Table>(table);
    return adopt(*configuration, *certificate, epoch);
}

}  // namespace firmware::keystore

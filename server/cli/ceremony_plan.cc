#include "server/cli/ceremony_plan.h"

#include <set>
#include <toml++/toml.h>

#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "hsm/openssl/device_certificate.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/statement.h"
#include "server/cli/ceremony_files.h"
#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;
namespace wire = hsm::protocol;
using hsm::custodian::FileKind;

constexpr std::size_t plan_size_max = 65536;

// One table of the plan: what it is asked for, and whether it holds anything else.
class PlanTable {
public:
    PlanTable(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

    template <class T>
    Outcome<T> value(std::string_view key) {
        asked_.emplace(key);
        const auto* node = table_.get(key);
        const auto found = node != nullptr ? node->value_exact<T>() : std::nullopt;
        if (!found) {
            return usage_failure(file_ + ": '" + std::string(key) +
                                 "' is missing or of another type");
        }
        return *found;
    }

    Outcome<std::uint8_t> small(std::string_view key) {
        TRY_ASSIGN(const auto number, value<std::int64_t>(key));
        if (number < 1 || number > 8) {
            return usage_failure(file_ + ": '" + std::string(key) + "' must be 1 to 8");
        }
        return static_cast<std::uint8_t>(number);
    }

    Outcome<const toml::array*> array(std::string_view key) {
        asked_.emplace(key);
        const auto* found = table_.get_as<toml::array>(key);
        if (found == nullptr || found->empty() || found->size() > 8) {
            return usage_failure(file_ + ": '" + std::string(key) + "' must be a list of 1 to 8");
        }
        return found;
    }

    Outcome<void> check_asked() const {
        for (const auto& [key, node] : table_) {
            if (!asked_.contains(std::string(key.str()))) {
                return usage_failure(file_ + ": '" + std::string(key.str()) + "' is no setting");
            }
        }
        return {};
    }

private:
    const toml::table& table_;
    std::string file_;
    std::set<std::string> asked_;
};

Outcome<wire::Point> point_of(hsm::ByteView bytes, const std::string& where) {
    wire::Point point{};
    if (bytes.size() != point.size()) {
        return usage_failure(where + ": holds no P-256 point");
    }
    std::ranges::copy(bytes, point.begin());
    return point;
}

Outcome<std::vector<fs::path>> paths_of(PlanTable& table,
                                        std::string_view key,
                                        const fs::path& plan) {
    TRY_ASSIGN(const auto* files, table.array(key));
    std::vector<fs::path> paths;
    for (const auto& node : *files) {
        const auto name = node.value_exact<std::string>();
        if (!name) {
            return usage_failure(plan.string() + ": '" + std::string(key) +
                                 "' must be a list of files");
        }
        paths.push_back(plan.parent_path() / *name);
    }
    return paths;
}

Outcome<void> add_officer(const toml::node& node,
                          const fs::path& plan,
                          wire::GroupConfiguration& group) {
    const auto* entry = node.as_table();
    if (entry == nullptr) {
        return usage_failure(plan.string() + ": [[officers]] must be tables");
    }
    PlanTable table(*entry, plan.string());
    TRY_ASSIGN(const auto person, table.small("person"));
    TRY_ASSIGN(const auto hex, table.value<std::string>("point"));
    TRY_ASSIGN(const auto backup_eligible, table.value<bool>("backup_eligible"));
    TRY(table.check_asked());
    const auto bytes = cloudsign::from_hex(hex);
    TRY_ASSIGN(const auto point,
               point_of(bytes ? hsm::ByteView(*bytes) : hsm::ByteView(), plan.string()));
    CHECK(group.officers.push_back(point) && group.officers_persons.push_back(person) &&
          group.officers_backup_eligible.push_back(backup_eligible ? 1 : 0));
    return {};
}

Outcome<void> read_former_officers(PlanTable& table,
                                   const fs::path& plan,
                                   wire::GroupConfiguration& group) {
    TRY_ASSIGN(const auto* thumbprints, table.array("former_officers"));
    for (const auto& node : *thumbprints) {
        const auto text = node.value_exact<std::string>();
        const auto bytes = text ? cloudsign::from_hex(*text) : std::nullopt;
        hsm::Digest digest{};
        if (!bytes || bytes->size() != digest.size()) {
            return usage_failure(plan.string() + ": 'former_officers' must be thumbprints");
        }
        std::ranges::copy(*bytes, digest.begin());
        if (!group.former_officers.push_back(digest)) {
            return usage_failure(plan.string() + ": too many former officers");
        }
    }
    return {};
}

Outcome<void> read_people(PlanTable& table, const fs::path& plan, wire::GroupConfiguration& group) {
    TRY_ASSIGN(group.officers_needed, table.small("officers_needed"));
    TRY_ASSIGN(const auto* officers, table.array("officers"));
    for (const auto& officer : *officers) {
        TRY(add_officer(officer, plan, group));
    }
    TRY_ASSIGN(group.custodians_needed, table.small("custodians_needed"));
    TRY_ASSIGN(const auto custodians, paths_of(table, "custodians", plan));
    for (const auto& file : custodians) {
        TRY_ASSIGN(const auto fields, read_fields(FileKind::custodian, file));
        TRY_ASSIGN(const auto point, point_of(fields.at("point"), file.string()));
        CHECK(group.custodians.push_back(point));
    }
    TRY_ASSIGN(const auto members, paths_of(table, "members", plan));
    for (const auto& file : members) {
        TRY_ASSIGN(const auto fields, read_fields(FileKind::identity, file));
        CHECK(group.members.push_back(hsm::sha256(fields.at("identity_spki"))));
    }
    return {};
}

}  // namespace

Outcome<hsm::Bytes> configuration_of_plan(const fs::path& plan,
                                          const std::optional<wire::GroupConfiguration>& before) {
    TRY_ASSIGN(const auto text, read_file(plan, plan_size_max));
    toml::table parsed;
    try {
        parsed = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return usage_failure(plan.string() + ": " + std::string(error.description()));
    }
    PlanTable table(parsed, plan.string());
    wire::GroupConfiguration group;
    if (before) {
        group.group_id = before->group_id;
        group.revision = before->revision + 1;
    } else {
        const auto id = cloudsign::random_32();
        std::copy_n(id.begin(), group.group_id.size(), group.group_id.begin());
    }
    TRY_ASSIGN(const auto class_text, table.value<std::string>("class"));
    const auto assurance_class = hsm::openssl::class_named(class_text);
    if (!assurance_class) {
        return usage_failure(plan.string() + ": 'class' must be software, emulated or hardware");
    }
    group.assurance_class = *assurance_class;
    TRY_ASSIGN(const auto rp_id, table.value<std::string>("rp_id"));
    TRY_ASSIGN(const auto origin, table.value<std::string>("origin"));
    group.rp_id = rp_id;
    group.origin = origin;
    TRY(read_people(table, plan, group));
    if (parsed.contains("former_officers")) {
        TRY(read_former_officers(table, plan, group));
    }
    TRY(table.check_asked());
    hsm::Bytes buffer(wire::configuration_size_max);
    const auto encoded = wire::encode_tagged(group, buffer);
    if (!encoded) {
        return usage_failure(plan.string() + ": describes no group");
    }
    buffer.resize(encoded->size());
    return buffer;
}

}  // namespace server::cli

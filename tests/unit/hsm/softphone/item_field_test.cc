// Each member of a good item, changed in every way that its type allows: the phone refuses and says
// why, or the challenge becomes another (so that the module refuses), or the member is one of the
// few that only inform.
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/hsm/softphone/good_item.h"

namespace hsm::softphone::testing {
namespace {

namespace json = boost::json;

// Approving must stay what it was.
bool informs_only(std::string_view path) {
    for (const char* known : {"/id",
                              "/reason",
                              "/created_at",
                              "/credential/id",
                              "/certificates/0/credential_id",
                              "/certificates/1/credential_id",
                              "/thumbprints/0"}) {
        if (path == known) {
            return true;
        }
    }
    return false;
}

// The module's own part: the phone hashes it as it is told.
bool is_modules_own(std::string_view path) {
    for (const char* known : {"/activation/module_id",
                              "/activation/boot_counter",
                              "/activation/sequence",
                              "/activation/expiry_tick_ms",
                              "/activation/random",
                              "/activation/blob_version"}) {
        if (path == known) {
            return true;
        }
    }
    return false;
}

// The member that a refusal has to name.
std::string expected_reason(std::string_view path, std::string_view purpose) {
    static const std::map<std::string_view, std::string> reasons = {
        {"/requester", "context_hash"},
        {"/purpose_text", "context_hash"},
        {"/code", "context_hash"},
        {"/language", "context_hash"},
        {"/credential/subject", "credential.subject"},
        {"/credential/key_id", "credential.key_id"},
        {"/activation/key_id", "key_id"},
        {"/thumbprints/0", "thumbprints"},
        {"/thumbprints/1", "thumbprints"},
        {"/algorithm/salt_length", "algorithm"},
        {"/statement/kind", ""},
        {"/statement/policy", ""},
        {"/purpose", ""},
    };
    if (const auto found = reasons.find(path); found != reasons.end()) {
        return found->second;
    }
    if (path.starts_with("/documents")) {
        return path.ends_with("/label") && purpose == "sign" ? "activation.root" : "documents";
    }
    if (path.ends_with("/tbs")) {
        return "";
    }
    return std::string(path.substr(path.rfind('/') + 1));
}

struct Change {
    std::string path;
    json::value value;  // null: the member is left out
    bool same_type = true;
};

json::value flipped(std::string_view text, std::size_t bit) {
    auto bytes = *from_base64url(text);
    bytes[bit / 8 % bytes.size()] =
        static_cast<Byte>(bytes[bit / 8 % bytes.size()] ^ (1u << bit % 8));
    return json::value(base64url(bytes));
}

void add_text_changes(const std::string& path, std::string_view text, std::vector<Change>& out) {
    out.push_back({path, json::value(std::string(text) + "x")});
    if (!text.empty()) {
        out.push_back({path, json::value("")});
        out.push_back({path, json::value(text.substr(1))});
    }
    if (text.size() >= 43 && from_base64url(text)) {
        for (const std::size_t bit : {0, 77, 255}) {
            out.push_back({path, flipped(text, bit)});
        }
    }
}

void add_changes(const std::string& path, const json::value& value, std::vector<Change>& out) {
    if (value.is_object()) {
        for (const auto& [name, member] : value.get_object()) {
            add_changes(path + "/" + std::string(name), member, out);
        }
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            add_changes(path + "/" + std::to_string(i), value.get_array()[i], out);
        }
    } else if (value.is_string()) {
        add_text_changes(path, value.get_string(), out);
    } else {
        const auto number = value.to_number<std::int64_t>();
        out.push_back({path, json::value(number + 1)});
        out.push_back({path, json::value(number / 2 - 1)});
        out.push_back({path, json::value(-1), false});
        out.push_back({path, json::value(static_cast<double>(number) + 0.5), false});
    }
    if (!path.empty()) {
        out.push_back({path, json::value(nullptr), false});
        out.push_back({path, value.is_bool() ? json::value("x") : json::value(true), false});
        out.push_back(
            {path, value.is_object() ? json::value("x") : json::value(json::object()), false});
    }
}

json::object changed(const json::object& item, const Change& change) {
    json::value whole = item;
    const auto slash = change.path.rfind('/');
    auto& parent = whole.at_pointer(change.path.substr(0, slash));
    const auto name = change.path.substr(slash + 1);
    if (parent.is_array()) {
        parent.get_array()[std::stoul(name)] = change.value;
    } else if (change.value.is_null()) {
        parent.get_object().erase(name);
    } else {
        parent.get_object()[name] = change.value;
    }
    return whole.get_object();
}

void expect_guarded(const Case& test, const Digest& good_challenge, const Change& change) {
    const auto item = changed(test.item, change);
    const auto trace = change.path + " = " + json::serialize(change.value);
    const auto checked = check(test, item);
    if (!checked) {
        EXPECT_NE(
            checked.error().text.find(
                change.same_type ? expected_reason(change.path, test.item.at("purpose").as_string())
                                 : ""),
            std::string::npos)
            << trace << ": " << checked.error().text;
        EXPECT_FALSE(checked.error().text.empty());
        return;
    }
    ASSERT_TRUE(change.same_type) << trace;
    if (informs_only(change.path) || change.path == "/expires_at") {
        EXPECT_EQ(checked->challenge, good_challenge) << trace;
        return;
    }
    EXPECT_TRUE(is_modules_own(change.path)) << trace << " is approved";
    EXPECT_NE(checked->challenge, good_challenge) << trace;
}

void expect_every_member_guarded(const Case& test) {
    const auto good = check(test);
    ASSERT_TRUE(good.has_value()) << good.error().text;
    std::vector<Change> changes;
    add_changes("", test.item, changes);
    for (const auto& change : changes) {
        expect_guarded(test, good->challenge, change);
    }
    EXPECT_GT(changes.size(), 200u);
}

TEST(ChangedItem, IsNotSigned) {
    expect_every_member_guarded(good_signing());
}

TEST(ChangedItem, IsNotBoundByTheSigner) {
    expect_every_member_guarded(good_binding(PhoneRole::signer));
}

TEST(ChangedItem, IsNotBoundByTheOfficer) {
    expect_every_member_guarded(good_binding(PhoneRole::officer));
}

TEST(ChangedItem, IsNotIssued) {
    expect_every_member_guarded(good_issuing());
}

// Each text commits to what is shown also when the server seals it anew: then the module's
// challenge, made for the first texts, is another.
TEST(ChangedItem, HasAnotherChallengeWhenItIsSealedAnew) {
    auto test = good_signing();
    const auto good = check(test);
    ASSERT_TRUE(good.has_value());

    for (const char* path : {"/requester",
                             "/purpose_text",
                             "/code",
                             "/language",
                             "/documents/0/label",
                             "/documents/2/label"}) {
        auto item = changed(test.item, {path, json::value("something else")});
        seal(item);
        const auto checked = check(test, item);

        ASSERT_TRUE(checked.has_value()) << checked.error().text;
        EXPECT_NE(checked->challenge, good->challenge) << path;
    }
    for (const char* scheme : {"rsa_pkcs1", "rsa_pss"}) {
        const auto item = changed(test.item, {"/algorithm/scheme", json::value(scheme)});
        const auto checked = check(test, item);

        ASSERT_TRUE(checked.has_value()) << checked.error().text;
        EXPECT_NE(checked->challenge, good->challenge) << scheme;
    }
}

}  // namespace
}  // namespace hsm::softphone::testing

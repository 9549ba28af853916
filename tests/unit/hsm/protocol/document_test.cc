#include <sstream>

#include <gtest/gtest.h>

#include "hsm/protocol/message.h"
#include "tests/unit/hsm/protocol/vector_file.h"

// The tables of PROTOCOL.md against the code.
namespace hsm::protocol {
namespace {

using Row = std::vector<std::string>;

std::string trimmed(std::string cell) {
    std::erase(cell, '`');
    const auto first = cell.find_first_not_of(' ');
    return first == std::string::npos ? ""
                                      : cell.substr(first, cell.find_last_not_of(' ') - first + 1);
}

// The rows of the first table whose head line starts with `head`.
std::vector<Row> table(std::string_view head) {
    std::istringstream lines(testing::source_file("hsm/protocol/PROTOCOL.md"));
    std::vector<Row> rows;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(head)) {
            inside = true;
            continue;
        }
        if (!inside || line.starts_with("|---")) {
            continue;
        }
        if (!line.starts_with("|")) {
            break;
        }
        std::istringstream cells(line.substr(1));
        Row row;
        for (std::string cell; std::getline(cells, cell, '|');) {
            row.push_back(trimmed(cell));
        }
        rows.push_back(row);
    }
    return rows;
}

std::string joined(const std::vector<std::pair<bool, const char*>>& names) {
    std::string text;
    bool all = true;
    for (const auto& [holds, name] : names) {
        all = all && holds;
        if (holds) {
            text += (text.empty() ? "" : ", ") + std::string(name);
        }
    }
    return all ? "any" : text;
}

TEST(ProtocolDocument, ListsTheCommandTable) {
    const auto rows = table("| code | name | states | roles |");
    ASSERT_EQ(rows.size(), std::size(command_rules));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& rule = command_rules[i];
        EXPECT_EQ(rows[i][0], std::to_string(static_cast<unsigned>(rule.command)));
        EXPECT_EQ(rows[i][1], rule.name);
        EXPECT_EQ(rows[i][2],
                  joined({{rule.allows(State::blank), "blank"},
                          {rule.allows(State::provisioned), "provisioned"},
                          {rule.allows(State::locked), "locked"},
                          {rule.allows(State::operational), "operational"},
                          {rule.allows(State::failed), "failed"},
                          {rule.allows(State::tampered), "tampered"}}))
            << rule.name;
        EXPECT_EQ(rows[i][3],
                  joined({{rule.allows(Role::server), "server"},
                          {rule.allows(Role::operating), "operator"},
                          {rule.allows(Role::auditor), "auditor"}}))
            << rule.name;
    }
}

TEST(ProtocolDocument, ListsTheStatusWords) {
    struct Word {
        const char* name;
        unsigned word;
    };
#define WORD(name, word) Word{#name, word},
    const std::vector<Word> words = {Word{"ok", static_cast<unsigned>(Status::ok)},
                                     HSM_STATUS_TABLE(WORD)};
#undef WORD
    const auto rows = table("| word | name | meaning |");
    ASSERT_EQ(rows.size(), words.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(std::stoul(rows[i][0], nullptr, 16), words[i].word);
        EXPECT_EQ(rows[i][1], words[i].name);
        EXPECT_FALSE(rows[i][2].empty()) << words[i].name;
    }
}

TEST(ProtocolDocument, ListsTheSelfTests) {
    const auto rows = table("| number | self-test | what is asked |");
    ASSERT_EQ(rows.size(), self_test_count);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i][0], std::to_string(i + 1));
        EXPECT_EQ(rows[i][1], self_test_name(static_cast<SelfTest>(i + 1)));
    }
    EXPECT_EQ(self_test_name(static_cast<SelfTest>(0)), "none");
    EXPECT_EQ(self_test_name(static_cast<SelfTest>(self_test_count + 1)), "none");
}

TEST(ProtocolDocument, ListsTheLimits) {
    const std::vector<std::pair<std::string, std::uint64_t>> limits = {
#define LIMIT(name) {#name, name}
        LIMIT(message_size_max),
        LIMIT(blob_size_max),
        LIMIT(header_size_max),
        LIMIT(wrapped_size_max),
        LIMIT(policy_size_max),
        LIMIT(spki_size_max),
        LIMIT(configuration_size_max),
        LIMIT(certificate_size_max),
        LIMIT(preimage_size_max),
        LIMIT(signature_size_max),
        LIMIT(ecdsa_der_size_max),
        LIMIT(client_data_size_max),
        LIMIT(assertion_size_max),
        LIMIT(assertions_max),
        LIMIT(assertions_total_size_max),
        LIMIT(rebind_assertions_total_size_max),
        LIMIT(record_size_max),
        LIMIT(record_details_size_max),
        LIMIT(signed_record_size_max),
        LIMIT(receipt_size_max),
        LIMIT(signed_statement_size_max),
        LIMIT(group_statement_size_max),
        LIMIT(acknowledged_max),
        LIMIT(export_records_max),
        LIMIT(export_records_total_size_max),
        LIMIT(rp_id_size_max),
        LIMIT(origin_size_max),
        LIMIT(leaf_count_max),
        LIMIT(activation_keys_max),
        LIMIT(hosts_max),
        LIMIT(officers_max),
        LIMIT(members_max),
        LIMIT(custodians_max),
        LIMIT(former_officers_max),
        LIMIT(share_size),
        LIMIT(share_set_size_max),
        LIMIT(sealed_share_size_max),
        LIMIT(inward_share_size_max),
        LIMIT(table_page_entries_max),
        LIMIT(table_page_size_max),
        LIMIT(zeroised_size_max),
        LIMIT(receipts_total_size_max),
        LIMIT(change_assertions_total_size_max),
        LIMIT(firmware_head_size),
        LIMIT(firmware_body_size_max),
        LIMIT(update_chunk_size_max),
        LIMIT(update_chunk_unit),
        LIMIT(lifetime_ms_max),
        LIMIT(service_content_size_max),
        LIMIT(service_attributes_size_max),
        LIMIT(list_piece_size_max),
        LIMIT(list_size_max),
#undef LIMIT
    };
    const auto rows = table("| limit | value |");
    ASSERT_EQ(rows.size(), limits.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i][0], limits[i].first);
        EXPECT_EQ(rows[i][1], std::to_string(limits[i].second)) << limits[i].first;
    }
}

TEST(CommandTable, HasEachCodeAndNameOnce) {
    for (const auto& rule : command_rules) {
        EXPECT_EQ(find_rule(static_cast<std::uint64_t>(rule.command)), &rule);
        EXPECT_NE(rule.states, 0);
        EXPECT_NE(rule.roles, 0);
        EXPECT_EQ(std::ranges::count(command_rules, rule.name, &CommandRule::name), 1);
    }
    EXPECT_EQ(find_rule(0), nullptr);
    EXPECT_EQ(find_rule(255), nullptr);
}

}  // namespace
}  // namespace hsm::protocol

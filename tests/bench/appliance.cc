#include "tests/bench/appliance.h"

#include <fstream>

#include <boost/json.hpp>

#include "tests/bench/failure.h"
#include "tests/bench/usage.h"

namespace bench {
namespace {

namespace json = boost::json;
using hsm::protocol::KeyType;

std::string read_file(const std::string& path) {
    std::ifstream in(path);
    if (!in) {
        fail(path + ": cannot be read");
    }
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string text_of(const json::value& value, std::string_view name) {
    return std::string(value.at(name).as_string());
}

}  // namespace

KeyType key_named(const std::string& name) {
    return name == "rsa2048" ? KeyType::rsa2048 : KeyType::p256;
}

pid_t Appliance::server() const {
    const auto found = children_named(up_pid, "kyso-server");
    if (found.empty()) {
        fail("no kyso-server runs under process " + std::to_string(up_pid));
    }
    return found.front();
}

std::vector<pid_t> Appliance::modules() const {
    return children_named(up_pid, "kyso-module");
}

Appliance open_appliance(const std::string& file) {
    json::error_code error;
    const auto described = json::parse(read_file(file), error);
    if (error) {
        fail(file + ": is not JSON");
    }
    Appliance appliance;
    appliance.portal = {text_of(described, "api_url"),
                        text_of(described, "approve_url"),
                        text_of(described, "ca_file"),
                        ""};
    appliance.portal.token = fetch_token(appliance.portal.api_url,
                                         appliance.portal.ca_file,
                                         text_of(described, "client_id"),
                                         text_of(described, "client_secret"));
    appliance.place = {text_of(described, "rp_id"), appliance.portal.approve_url};
    appliance.up_pid = static_cast<pid_t>(described.at("up_pid").as_int64());
    for (const auto& person : described.at("people").as_array()) {
        appliance.people.push_back({text_of(person, "phone"),
                                    text_of(person, "credential_id"),
                                    key_named(text_of(person, "key"))});
    }
    if (const auto* population = described.as_object().if_contains("population")) {
        appliance.population.emplace(text_of(*population, "seed"),
                                     population->at("size").to_number<std::uint64_t>());
    }
    return appliance;
}

}  // namespace bench

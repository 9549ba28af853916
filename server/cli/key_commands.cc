#include <iostream>

#include <boost/json.hpp>

#include "server/cli/admin_client.h"
#include "server/cli/commands.h"

// Keys of the server's own that are exchanged while it runs.
namespace server::cli {
namespace {

namespace json = boost::json;

struct Options {
    std::string data;
    Form form = Form::text;
};

struct OwnKey {
    const char* name;
    const char* what;
    const char* how;     // of `rotate`
    const char* path;    // of the admin socket
    const char* doing;   // for when it fails
    const char* member;  // of the answer: the new key
    const char* before;  // its name in the text
    const char* after;
};

constexpr OwnKey push_key{"push-key",
                          "The key by which push services know this server",
                          "Subscribe phones with a new key",
                          "/admin/v1/push-key",
                          "change the key that push services know",
                          "application_server_key",
                          "phones subscribe with key ",
                          " from now on\nWhat they subscribed to with the key so far goes on until "
                          "the next change; a key "
                          "that was stolen takes two.\n"};
constexpr OwnKey token_key{"token-key",
                           "The key that signs access tokens",
                           "Sign with a new key from now on",
                           "/admin/v1/token-key",
                           "change the key of access tokens",
                           "kid",
                           "access tokens are signed with key ",
                           "\nThose of the key before it stay good until they expire.\n"};

Outcome<int> rotate(const OwnKey& key, const Options& options) {
    AdminClient admin{DataFolder(options.data)};
    TRY_ASSIGN(auto answer, admin.post(key.path, json::object(), key.doing));
    if (options.form == Form::json) {
        std::cout << json::serialize(answer) << "\n";
        return exit_done;
    }
    TRY_ASSIGN(const auto fresh, text_of(answer, key.member));
    std::cout << key.before << fresh << key.after;
    return exit_done;
}

void add(CLI::App& app, Action& chosen, const OwnKey& key) {
    auto* command = app.add_subcommand(key.name, key.what);
    command->require_subcommand(1);
    auto* rotation = command->add_subcommand("rotate", key.how);
    const auto options = std::make_shared<Options>();
    add_data_option(*rotation, options->data);
    add_json_option(*rotation, options->form);
    rotation->callback(
        [options, &chosen, &key] { chosen = [options, &key] { return rotate(key, *options); }; });
}

}  // namespace

void add_push_key(CLI::App& app, Action& chosen) {
    add(app, chosen, push_key);
}

void add_token_key(CLI::App& app, Action& chosen) {
    add(app, chosen, token_key);
}

}  // namespace server::cli

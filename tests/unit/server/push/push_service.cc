#include "tests/unit/server/push/push_service.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cloudsign/base64.h"
#include "hsm/base/check.h"

namespace server::push {

namespace json = boost::json;

PushService::PushService() {
    const char* source = std::getenv("KYSO_SOURCE");
    CHECK(source != nullptr);
    const auto script = std::string(source) + "/tests/support/push_service.py";
    int to[2];
    int from[2];
    CHECK(::pipe2(to, O_CLOEXEC) == 0 && ::pipe2(from, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, to[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, from[1], STDOUT_FILENO);
    std::string arguments[] = {"python3", script};
    char* const argv[] = {arguments[0].data(), arguments[1].data(), nullptr};
    CHECK(::posix_spawnp(&process_, "python3", &files, nullptr, argv, environ) == 0);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    std::string line;
    char character = 0;
    while (::read(from[0], &character, 1) == 1 && character != '\n') {
        line += character;
    }
    ::close(from[0]);
    const auto told = json::parse(line).as_object();
    relay_ = told.at("relay").as_string();
    ca_file_ = told.at("ca").as_string();
}

PushService::~PushService() {
    ::close(input_);
    int status = 0;
    ::waitpid(process_, &status, 0);
}

json::object PushService::control(const std::string& what, const json::object& body) {
    OutboundRequest request;
    request.url = "https://" + std::string(host) + "/control/" + what;
    request.body = json::serialize(body);
    request.relay = relay_;
    request.private_addresses = true;
    request.ca_file = ca_file_;
    request.answer_max = 1024 * 1024;
    const auto answer = http_.call(std::move(request));
    CHECK(answer.has_value() && answer->status == 200);
    return json::parse(answer->body).as_object();
}

cloudsign::store::PushSubscription PushService::subscribe(const std::string& device_id,
                                                          const std::string& vapid_key,
                                                          const std::string& behaviour) {
    const auto made = control("subscriptions", {{"key", vapid_key}, {"behaviour", behaviour}});
    cloudsign::store::PushSubscription subscription;
    subscription.device_id = device_id;
    subscription.endpoint = made.at("endpoint").as_string();
    subscription.host = host;
    subscription.vapid_key = vapid_key;
    CHECK(cloudsign::from_base64url_into(made.at("p256dh").as_string(), subscription.p256dh));
    CHECK(cloudsign::from_base64url_into(made.at("auth").as_string(), subscription.auth));
    return subscription;
}

json::array PushService::messages() {
    return control("messages", {}).at("messages").as_array();
}

}  // namespace server::push

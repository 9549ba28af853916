#include "server/cli/up/module_session.h"

namespace server::cli::up {

using hsm::client::Session;

Failure module_failure(const std::string& what, hsm::Status status) {
    return {what + ": " + std::string(hsm::base::status_name(status))};
}

Outcome<Session> connect_operator(const DataFolder& folder, unsigned number) {
    const auto psk = hsm::client::load_psk(folder.operator_psk(number));
    if (!psk) {
        return module_failure(folder.operator_psk(number).string(), psk.error());
    }
    auto session = Session::connect(hsm::client::UnixPath{folder.module_socket(number).string()},
                                    *psk,
                                    hsm::client::after(module_patience));
    if (!session) {
        return module_failure(DataFolder::module_name(number) + " cannot be reached",
                              session.error());
    }
    return *std::move(session);
}

}  // namespace server::cli::up

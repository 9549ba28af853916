#include "cloudsign/push/vapid_keys.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include "cloudsign/oauth/token_key_files.h"

namespace cloudsign::push {
namespace {

namespace fs = std::filesystem;

fs::path former_of(const fs::path& file) {
    return file.string() + ".former";
}

Result<VapidKeys::Pointer> open_key(const fs::path& file) {
    TRY_ASSIGN(auto key, oauth::TokenKeyFiles(file).open());
    TRY_ASSIGN(auto opened, VapidKey::from_pem(key.private_pem()));
    return VapidKeys::Pointer(std::make_shared<const VapidKey>(std::move(opened)));
}

}  // namespace

Result<std::unique_ptr<VapidKeys>> VapidKeys::open(fs::path file) {
    TRY_ASSIGN(auto current, open_key(file));
    Pointer former;
    if (::access(former_of(file).c_str(), F_OK) == 0) {
        TRY_ASSIGN(former, open_key(former_of(file)));
    }
    return std::unique_ptr<VapidKeys>(
        new VapidKeys(std::move(file), std::move(current), std::move(former)));
}

VapidKeys::Pointer VapidKeys::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

VapidKeys::Pointer VapidKeys::named(std::string_view public_key) const {
    const std::lock_guard lock(mutex_);
    for (const auto& key : {current_, former_}) {
        if (key != nullptr && key->public_key() == public_key) {
            return key;
        }
    }
    return nullptr;
}

Result<VapidKeys::Pointer> VapidKeys::rotate() {
    const std::lock_guard one_by_one(rotating_);
    if (::rename(file_.c_str(), former_of(file_).c_str()) != 0) {
        return Error{ErrorKind::unavailable,
                     "cannot replace " + file_.string() + ": " + std::strerror(errno)};
    }
    TRY_ASSIGN(auto fresh, open_key(file_));
    const std::lock_guard lock(mutex_);
    former_ = std::exchange(current_, std::move(fresh));
    return current_;
}

}  // namespace cloudsign::push

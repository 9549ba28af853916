#include "server/http/method.h"

#include <array>
#include <utility>

namespace server::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 8> names{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::delete_, "DELETE"},
    {Method::options, "OPTIONS"},
    {Method::other, "OTHER"},
}};

}  // namespace

std::string_view method_name(Method method) {
    for (const auto& [candidate, name] : names) {
        if (candidate == method) {
            return name;
        }
    }
    return "OTHER";
}

std::string allow_text(MethodSet methods) {
    std::string text;
    for (const auto& [method, name] : names) {
        if (methods.contains(method)) {
            text += text.empty() ? "" : ", ";
            text += name;
        }
    }
    return text;
}

}  // namespace server::http

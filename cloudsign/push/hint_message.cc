#include "cloudsign/push/hint_message.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"

namespace cloudsign::push {

std::string hint_message(std::string_view transaction_id,
                         std::string_view language,
                         std::string_view approve_url) {
    constexpr unsigned declarative = 8030;
    const bool vietnamese = !language.starts_with("en");
    const auto page = std::string(approve_url) + "/c/" + std::string(transaction_id);
    const boost::json::object notification{
        {"title",
         vietnamese ? "Có yêu cầu ký số đang chờ bạn" : "A signing request is waiting for you"},
        {"lang", vietnamese ? "vi" : "en"},
        {"navigate", page},
        {"tag", transaction_id}};
    return boost::json::serialize(boost::json::object{
        {"web_push", declarative}, {"notification", notification}, {"id", transaction_id}});
}

std::string hint_topic(std::string_view transaction_id) {
    constexpr std::size_t topic_max = 32;
    return base64url(sha256("push/" + std::string(transaction_id))).substr(0, topic_max);
}

}  // namespace cloudsign::push

#include "cloudsign/notice/notices.h"

#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/http/form.h"
#include "server/push/mail_sender.h"

namespace server::api::admin {
namespace {

namespace json = boost::json;
using cloudsign::store::Notice;

constexpr std::uint32_t page_size = 100;

json::object notice_json(const Notice& notice) {
    json::object written{{"id", notice.id},
                         {"signer_id", notice.signer_id},
                         {"kind", cloudsign::store::name(notice.kind)},
                         {"about", notice.about},
                         {"address", notice.address},
                         {"state", cloudsign::store::name(notice.state)},
                         {"attempts", notice.attempts},
                         {"status", notice.status},
                         {"fault", notice.fault},
                         {"created_at", notice.created_at}};
    if (notice.state == cloudsign::store::NoticeState::due) {
        written["next_at"] = notice.next_at;
    }
    if (notice.done_at) {
        written["done_at"] = *notice.done_at;
    }
    return written;
}

cloudsign::Result<Notice> send_trial(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto to, text_member(body, "to", 254));
    TRY_ASSIGN(auto language, optional_text_member(body, "language", 35));
    if (!context.mail.is_configured()) {
        return cloudsign::Error{cloudsign::ErrorKind::conflict,
                                "no mail server is configured: [mail] in kyso.toml"};
    }
    TRY_ASSIGN(auto notice, context.notices.insert_trial(to, language.empty() ? "vi" : language));
    context.mail.wake();
    return notice;
}

}  // namespace

// ?before=ID: the page after the one that ends with it.
http::Outcome list_notices(Context& context,
                           const http::Request& request,
                           const http::PathParameters&) {
    const auto query = http::Form::parse(request.query);
    const auto before = query ? query->find("before").value_or("") : std::string_view();
    const auto notices = context.notices.log(std::string(before), page_size);
    if (!notices) {
        return error_response(notices.error());
    }
    json::array list;
    for (const auto& notice : *notices) {
        list.push_back(notice_json(notice));
    }
    return http::json(200, {{"notices", std::move(list)}});
}

http::Outcome show_notice(Context& context,
                          const http::Request&,
                          const http::PathParameters& parameters) {
    const auto notice = context.notices.find(std::string(parameters.id));
    return notice ? http::json(200, notice_json(*notice)) : error_response(notice.error());
}

// {"to", "language"}: a mail that tells of nothing.
http::Outcome try_notice(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto notice = send_trial(context, request);
    return notice ? http::json(200, notice_json(*notice)) : error_response(notice.error());
}

}  // namespace server::api::admin

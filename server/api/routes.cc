#include "server/api/routes.h"

#include "server/api/admin/endpoints.h"
#include "server/api/approve/endpoints.h"
#include "server/api/csc/logo.h"
#include "server/api/csc_v1/endpoints.h"
#include "server/api/csc_v2/endpoints.h"
#include "server/api/login/endpoints.h"
#include "server/api/oauth2/endpoints.h"
#include "server/api/observe/endpoints.h"
#include "server/api/office/endpoints.h"
#include "server/api/openapi/document.h"
#include "server/api/pki/endpoints.h"
#include "server/api/portal/endpoints.h"
#include "server/api/qd769/endpoints.h"
#include "server/api/rssp/endpoints.h"
#include "server/api/verify/endpoints.h"

namespace server::api {
namespace {

using enum http::Method;
using http::Execution;
using http::Guard;
using http::Host;

constexpr std::size_t none = 0;
constexpr std::size_t small = 16 * 1024;
// A certificate request with certificates beside it.
constexpr std::size_t cmp_message = 64 * 1024;
// 1,024 hashes of 64 bytes with their names, as JSON.
constexpr std::size_t batch = 1024 * 1024;
// A document of 3 MB as base64; of larger ones the hash is sent.
constexpr std::size_t document = 4 * 1024 * 1024;

// A signed document as it is; of larger ones `kyso verify` judges.
constexpr std::size_t signed_document = 16 * 1024 * 1024;

constexpr http::Route table[] = {
    // clang-format off
    // methods      host           path                                           guard           body   runs               handler
    {get | post, Host::api,     "/csc/v1/info",                                 Guard::open,   small, Execution::fiber,   csc_v1::info},
    {get | post, Host::api,     "/csc/v1/auth/login",                           Guard::open,   small, Execution::password, csc_v1::auth_login},
    {post,       Host::api,     "/csc/v1/auth/revoke",                          Guard::client, small, Execution::fiber,   csc_v1::auth_revoke},
    {get | post, Host::api,     "/csc/v1/credentials/list",                     Guard::client, small, Execution::fiber,   csc_v1::credentials_list},
    {post,       Host::api,     "/csc/v1/credentials/info",                     Guard::client, small, Execution::fiber,   csc_v1::credentials_info},
    {post,       Host::api,     "/csc/v1/credentials/authorize",                Guard::client, batch, Execution::held,    csc_v1::credentials_authorize},
    {post,       Host::api,     "/csc/v1/credentials/extendTransaction",        Guard::client, batch, Execution::fiber,   csc_v1::credentials_extend_transaction},
    {post,       Host::api,     "/csc/v1/credentials/sendOTP",                  Guard::client, small, Execution::fiber,   csc_v1::credentials_send_otp},
    {post,       Host::api,     "/csc/v1/signatures/timestamp",                 Guard::client, small, Execution::pool,    csc_v1::signatures_timestamp},
    {post,       Host::api,     "/csc/v1/signatures/signHash",                  Guard::client, batch, Execution::held,    csc_v1::signatures_sign_hash},

    {get | post, Host::api,     "/csc/v2/info",                                 Guard::open,   small, Execution::fiber,   csc_v2::info},
    {get | post, Host::api,     "/csc/v2/auth/login",                           Guard::open,   small, Execution::password, csc_v2::auth_login},
    {post,       Host::api,     "/csc/v2/auth/revoke",                          Guard::client, small, Execution::fiber,   csc_v2::auth_revoke},
    {get | post, Host::api,     "/csc/v2/credentials/list",                     Guard::client, small, Execution::fiber,   csc_v2::credentials_list},
    {post,       Host::api,     "/csc/v2/credentials/info",                     Guard::client, small, Execution::fiber,   csc_v2::credentials_info},
    {post,       Host::api,     "/csc/v2/credentials/authorize",                Guard::client, batch, Execution::fiber,   csc_v2::credentials_authorize},
    {post,       Host::api,     "/csc/v2/credentials/authorizeCheck",           Guard::client, small, Execution::fiber,   csc_v2::credentials_authorize_check},
    {post,       Host::api,     "/csc/v2/credentials/getChallenge",             Guard::client, small, Execution::fiber,   csc_v2::credentials_get_challenge},
    {post,       Host::api,     "/csc/v2/credentials/extendTransaction",        Guard::client, batch, Execution::fiber,   csc_v2::credentials_extend_transaction},
    {post,       Host::api,     "/csc/v2/credentials/sendOTP",                  Guard::client, small, Execution::fiber,   csc_v2::credentials_send_otp},
    {post,       Host::api,     "/csc/v2/credentials/create",                   Guard::client, small, Execution::pool,    csc_v2::credentials_create},
    {post,       Host::api,     "/csc/v2/credentials/delete",                   Guard::client, small, Execution::pool,    csc_v2::credentials_delete},
    {post,       Host::api,     "/csc/v2/signatures/signHash",                  Guard::client, batch, Execution::held,    csc_v2::signatures_sign_hash},
    {post,       Host::api,     "/csc/v2/signatures/signDoc",                   Guard::client, document, Execution::pool, csc_v2::signatures_sign_doc},
    {post,       Host::api,     "/csc/v2/signatures/timestamp",                 Guard::client, small, Execution::pool,    csc_v2::signatures_timestamp},
    {post,       Host::api,     "/csc/v2/signatures/raisedDocument",            Guard::client, small, Execution::pool,    csc_v2::signatures_raised_document},
    {post,       Host::api,     "/csc/v2/documents/prepare",                    Guard::client, document, Execution::pool, csc_v2::documents_prepare},
    {post,       Host::api,     "/csc/v2/documents/discard",                    Guard::client, small, Execution::fiber,   csc_v2::documents_discard},
    {post,       Host::api,     "/csc/v2/documents/finish",                     Guard::client, small, Execution::pool,    csc_v2::documents_finish},
    {post,       Host::api,     "/csc/v2/signatures/signPolling",               Guard::client, small, Execution::fiber,   csc_v2::signatures_sign_polling},
    {post,       Host::api,     "/verify",                                      Guard::client, signed_document, Execution::pool, verify::judge},
    {get,        Host::api,     "/openapi",                                     Guard::open,   none,  Execution::fiber,   openapi::document},
    {get,        Host::api,     "/logo.png",                                    Guard::open,   none,  Execution::inline_, csc::logo},

    {post,       Host::api,     "/oauth2/token",                                Guard::open,   small, Execution::password, oauth2::token},
    {post,       Host::api,     "/oauth2/revoke",                               Guard::open,   small, Execution::password, oauth2::revoke},
    {post,       Host::api,     "/revoke",                                      Guard::open,   small, Execution::password, oauth2::revocation},
    {post,       Host::api,     "/oauth2/pushed_authorize",                     Guard::open,   batch, Execution::password, oauth2::pushed_authorize},
    // Clients put "oauth2/…" or "/oauth2/…" behind info.oauth2, which ends in a slash.
    {post,       Host::api,     "//oauth2/token",                               Guard::open,   small, Execution::password, oauth2::token},
    {post,       Host::api,     "//oauth2/revoke",                              Guard::open,   small, Execution::password, oauth2::revoke},
    {post,       Host::api,     "//oauth2/pushed_authorize",                    Guard::open,   batch, Execution::password, oauth2::pushed_authorize},
    {post,       Host::api,     "//revoke",                                     Guard::open,   small, Execution::password, oauth2::revocation},
    {get,        Host::api,     "/oauth2/jwks",                                 Guard::open,   none,  Execution::inline_, oauth2::jwks},
    {get,        Host::api,     "/.well-known/oauth-authorization-server",      Guard::open,   none,  Execution::inline_, oauth2::metadata},

    {post,       Host::api,     "/sca/sp769/v1/credentials/get_certificate",    Guard::open,   small, Execution::fiber,   qd769::get_certificate},
    {post,       Host::api,     "/sca/sp769/v1/signatures/sign",                Guard::open,   batch, Execution::fiber,   qd769::sign},
    {post,       Host::api,     "/sca/sp769/v1/signatures/sign/{id}/status",    Guard::open,   small, Execution::fiber,   qd769::status},
    {post,       Host::api,     "/qd769/get_certificate",                       Guard::open,   small, Execution::fiber,   qd769::get_certificate},
    {post,       Host::api,     "/qd769/sign",                                  Guard::open,   batch, Execution::fiber,   qd769::sign},
    {post,       Host::api,     "/qd769/sign/{id}/status",                      Guard::open,   small, Execution::fiber,   qd769::status},
    {post,       Host::api,     "/sign_v2/get_certificate",                     Guard::open,   small, Execution::fiber,   qd769::hub_get_certificate},
    {post,       Host::api,     "/sign_v2/sign",                                Guard::open,   batch, Execution::fiber,   qd769::hub_sign},
    {post,       Host::api,     "/sign_v2/sign/{id}/status",                    Guard::open,   small, Execution::fiber,   qd769::hub_status},
    {post,       Host::api,     "/sign_v2/sign_file",                           Guard::open,   batch, Execution::fiber,   qd769::sign_file},
    {post,       Host::api,     "/qd769/sign_file",                             Guard::open,   batch, Execution::fiber,   qd769::sign_file},

    {post,       Host::api,     "/rssp/v2/auth/login",                          Guard::open,   small, Execution::password, rssp::login},
    {post,       Host::api,     "/rssp/v2/auth/revoke",                         Guard::client, small, Execution::fiber,   rssp::revoke},
    {post,       Host::api,     "/rssp/v2/auth/getTwoFactorMethod",             Guard::client, small, Execution::fiber,   rssp::not_supported},
    {post,       Host::api,     "/rssp/v2/auth/finalizeLogin",                  Guard::client, small, Execution::fiber,   rssp::not_supported},
    {post,       Host::api,     "/rssp/v2/credentials/list",                    Guard::client, small, Execution::fiber,   rssp::credentials_list},
    {post,       Host::api,     "/rssp/v2/credentials/info",                    Guard::client, small, Execution::fiber,   rssp::credentials_info},
    {post,       Host::api,     "/rssp/v2/credentials/authorize",               Guard::client, batch, Execution::held,    rssp::credentials_authorize},
    {post,       Host::api,     "/rssp/v2/credentials/extendTransaction",       Guard::client, batch, Execution::fiber,   rssp::credentials_extend_transaction},
    {post,       Host::api,     "/rssp/v2/credentials/sendOTP",                 Guard::client, small, Execution::fiber,   rssp::not_supported},
    {post,       Host::api,     "/rssp/v2/signatures/signHash",                 Guard::client, batch, Execution::fiber,   rssp::signatures_sign_hash},

    {get,        Host::login,   "/oauth2/authorize",                            Guard::open,    none,  Execution::fiber,   oauth2::authorize},
    {get,        Host::login,   "//oauth2/authorize",                           Guard::open,    none,  Execution::fiber,   oauth2::authorize},
    {get,        Host::api,     "/oauth2/authorize",                            Guard::open,    none,  Execution::inline_, oauth2::authorize_elsewhere},
    {get,        Host::api,     "//oauth2/authorize",                           Guard::open,    none,  Execution::inline_, oauth2::authorize_elsewhere},

    {get,        Host::login,   "/authorize/{id}",                              Guard::browser, none,  Execution::fiber,   login::show},
    {post,       Host::login,   "/authorize/{id}/sign-in",                      Guard::browser, small, Execution::fiber,   login::sign_in},
    {post,       Host::login,   "/authorize/{id}/decision",                     Guard::browser, small, Execution::fiber,   login::decide},
    {get,        Host::login,   "/authorize/{id}/events",                       Guard::browser, none,  Execution::held,    login::events},
    {get,        Host::login,   "/authorize/{id}/outcome",                      Guard::browser, none,  Execution::held,    login::outcome},
    {get,        Host::login,   "/authorize/{id}/start",                        Guard::browser, none,  Execution::fiber,   login::start_link},
    {get,        Host::login,   "/authorize/{id}/start.svg",                    Guard::browser, none,  Execution::fiber,   login::start_image},
    {post,       Host::login,   "/sign-out",                                    Guard::browser, small, Execution::fiber,   login::sign_out},
    {get,        Host::login,   "/register",                                    Guard::browser, none,  Execution::inline_, login::registration_page},
    {post,       Host::login,   "/register",                                    Guard::browser, small, Execution::fiber,   login::registration},
    {post,       Host::login,   "/register/options",                            Guard::browser, small, Execution::fiber,   login::registration_options},
    {get,        Host::login,   "/assets/login.js",                             Guard::open,    none,  Execution::inline_, login::script},
    {get,        Host::login,   "/assets/login.css",                            Guard::open,    none,  Execution::inline_, login::style},

    {get,        Host::approve, "/",                                             Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/enrol",                                        Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/start",                                        Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/c/{id}",                                       Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/history",                                      Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/devices",                                      Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/settings",                                     Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/scan",                                         Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/join",                                         Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/move",                                         Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/ceremony",                                     Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/officer",                                      Guard::open,   none,  Execution::inline_,  approve::app_page},
    {get,        Host::approve, "/sw.js",                                        Guard::open,   none,  Execution::inline_,  approve::app_root_file},
    {get,        Host::approve, "/manifest.webmanifest",                         Guard::open,   none,  Execution::inline_,  approve::app_root_file},
    {get,        Host::approve, "/assets/{id}",                                  Guard::open,   none,  Execution::inline_,  approve::app_file},
    {post,       Host::approve, "/approve/v1/enrolments",                       Guard::open,   small, Execution::fiber,   approve::enrol},
    {post,       Host::approve, "/approve/v1/officers",                         Guard::open,   small, Execution::fiber,   approve::connect_officer},
    {get,        Host::approve, "/approve/v1/pending",                          Guard::device, none,  Execution::fiber,   approve::pending},
    {get,        Host::approve, "/approve/v1/history",                          Guard::device, none,  Execution::fiber,   approve::history},
    {get,        Host::approve, "/approve/v1/devices",                          Guard::device, none,  Execution::fiber,   approve::devices},
    {post,       Host::approve, "/approve/v1/devices/{id}/name",                Guard::device, small, Execution::fiber,   approve::rename_device},
    {post,       Host::approve, "/approve/v1/devices/{id}/remove",              Guard::device, small, Execution::fiber,   approve::remove_device},
    {get,        Host::approve, "/approve/v1/transactions/{id}/document",       Guard::device, none,  Execution::fiber,   approve::document},
    {post,       Host::approve, "/approve/v1/transactions/{id}/more-time",      Guard::device, small, Execution::fiber,   approve::more_time},
    {get,        Host::approve, "/approve/v1/events",                           Guard::device, none,  Execution::held,    approve::events},
    {get,        Host::approve, "/approve/v1/push",                             Guard::device, none,  Execution::fiber,   approve::push},
    {post,       Host::approve, "/approve/v1/push",                             Guard::device, small, Execution::fiber,   approve::subscribe},
    {post,       Host::approve, "/approve/v1/push/remove",                      Guard::device, small, Execution::fiber,   approve::unsubscribe},
    {post,       Host::approve, "/approve/v1/starts",                           Guard::device, small, Execution::fiber,   approve::start},
    {post,       Host::approve, "/approve/v1/moves",                            Guard::open,   small, Execution::fiber,   approve::announce},
    {post,       Host::approve, "/approve/v1/moves/take",                       Guard::device, small, Execution::fiber,   approve::take_move},
    {get,        Host::approve, "/approve/v1/moves/own",                        Guard::newcomer, none, Execution::fiber,  approve::move_progress},
    {post,       Host::approve, "/approve/v1/moves/own/approve",                Guard::newcomer, small, Execution::fiber, approve::move_approve},
    {post,       Host::approve, "/approve/v1/moves/own/reject",                 Guard::newcomer, small, Execution::fiber, approve::move_reject},
    {get,        Host::approve, "/approve/v1/transactions/{id}",                Guard::device, none,  Execution::fiber,   approve::show},
    {post,       Host::approve, "/approve/v1/transactions/{id}/approve",        Guard::device, small, Execution::fiber,   approve::approve},
    {post,       Host::approve, "/approve/v1/transactions/{id}/reject",         Guard::device, small, Execution::fiber,   approve::reject},
    {post,       Host::approve, "/approve/v1/transactions/{id}/not-mine",       Guard::device, small, Execution::fiber,   approve::not_mine},

    {get,        Host::office,  "/",                                            Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/register",                                    Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/signers",                                     Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/signer",                                      Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/queue",                                       Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/transactions",                                Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/transaction",                                 Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/audit",                                       Guard::open,             none,  Execution::inline_,  office::app_page},
    {get,        Host::office,  "/assets/{id}",                                 Guard::open,             none,  Execution::inline_,  office::app_file},
    {post,       Host::office,  "/office/v1/registration/options",              Guard::office_page,      small, Execution::pool,     office::registration_options},
    {post,       Host::office,  "/office/v1/registration",                      Guard::office_page,      small, Execution::pool,     office::registration},
    {get,        Host::office,  "/office/v1/sign-in",                           Guard::office_page,      none,  Execution::inline_,  office::sign_in_options},
    {post,       Host::office,  "/office/v1/sign-in",                           Guard::office_page,      small, Execution::pool,     office::sign_in},
    {post,       Host::office,  "/office/v1/sign-out",                          Guard::office_page,      small, Execution::pool,     office::sign_out},
    {get,        Host::office,  "/office/v1/me",                                Guard::office,           none,  Execution::pool,     office::me},
    {get,        Host::office,  "/office/v1/signers",                           Guard::office_signers,   none,  Execution::pool,     office::list_signers},
    {get,        Host::office,  "/office/v1/signer",                            Guard::office_signers,   none,  Execution::pool,     office::show_signer},
    {get,        Host::office,  "/office/v1/waiting",                           Guard::office_signers,   none,  Execution::pool,     office::waiting},
    {post,       Host::office,  "/office/v1/signers",                           Guard::office_registrar, small, Execution::pool,     office::add_signer},
    {post,       Host::office,  "/office/v1/signers/email",                     Guard::office_registrar, small, Execution::pool,     office::set_email},
    {post,       Host::office,  "/office/v1/signers/status",                    Guard::office_registrar, small, Execution::pool,     office::set_status},
    {post,       Host::office,  "/office/v1/signers/lost-phone",                Guard::office_registrar, small, Execution::pool,     office::lost_phone},
    {post,       Host::office,  "/office/v1/invitations",                       Guard::office_registrar, small, Execution::pool,     office::invite},
    {post,       Host::office,  "/office/v1/credentials/{id}",                  Guard::office_registrar, small, Execution::pool,     office::change_credential},
    {post,       Host::office,  "/office/v1/renewals",                          Guard::office_registrar, small, Execution::pool,     office::renew},
    {post,       Host::office,  "/office/v1/certification-requests",            Guard::office_registrar, small, Execution::pool,     office::request_certification},
    {get,        Host::office,  "/office/v1/transactions",                      Guard::office_records,   none,  Execution::pool,     office::list_transactions},
    {get,        Host::office,  "/office/v1/transactions/{id}",                 Guard::office_records,   none,  Execution::pool,     office::show_transaction},
    {get,        Host::office,  "/office/v1/audit",                             Guard::office_records,   none,  Execution::pool,     office::audit},
    {post,       Host::office,  "/office/v1/audit/check",                       Guard::office_records,   small, Execution::pool,     office::check_audit},

    // What the signing portal's app asks, on its own host: the handlers of the API, for whoever signed in.
    {get,        Host::portal,  "/",                                             Guard::open,   none,  Execution::inline_,  portal::app_page},
    {get,        Host::portal,  "/return",                                       Guard::open,   none,  Execution::inline_,  portal::app_page},
    {get,        Host::portal,  "/sign",                                         Guard::open,   none,  Execution::inline_,  portal::app_page},
    {get,        Host::portal,  "/signatures",                                   Guard::open,   none,  Execution::inline_,  portal::app_page},
    {get,        Host::portal,  "/history",                                      Guard::open,   none,  Execution::inline_,  portal::app_page},
    {get,        Host::portal,  "/assets/{id}",                                  Guard::open,   none,  Execution::inline_,  portal::app_file},
    {get,        Host::portal,  "/.well-known/oauth-authorization-server",       Guard::open,   none,  Execution::inline_,  oauth2::metadata},
    {post,       Host::portal,  "/oauth2/token",                                 Guard::open,   small, Execution::password, oauth2::token},
    {post,       Host::portal,  "/oauth2/revoke",                                Guard::open,   small, Execution::password, oauth2::revoke},
    {get | post, Host::portal,  "/csc/v2/info",                                  Guard::open,   small, Execution::fiber,    csc_v2::info},
    {get | post, Host::portal,  "/csc/v2/credentials/list",                      Guard::client, small, Execution::fiber,    csc_v2::credentials_list},
    {post,       Host::portal,  "/csc/v2/credentials/info",                      Guard::client, small, Execution::fiber,    csc_v2::credentials_info},
    {post,       Host::portal,  "/csc/v2/credentials/authorize",                 Guard::client, batch, Execution::fiber,    csc_v2::credentials_authorize},
    {post,       Host::portal,  "/csc/v2/credentials/authorizeCheck",            Guard::client, small, Execution::fiber,    csc_v2::credentials_authorize_check},
    {post,       Host::portal,  "/csc/v2/documents/prepare",                     Guard::client, document, Execution::pool,  csc_v2::documents_prepare},
    {post,       Host::portal,  "/csc/v2/documents/discard",                     Guard::client, small, Execution::fiber,    csc_v2::documents_discard},
    {post,       Host::portal,  "/csc/v2/documents/finish",                      Guard::client, small, Execution::pool,     csc_v2::documents_finish},
    {post,       Host::portal,  "/csc/v2/signatures/raisedDocument",             Guard::client, small, Execution::pool,     csc_v2::signatures_raised_document},
    {post,       Host::portal,  "/verify",                                       Guard::client, signed_document, Execution::pool, verify::judge},

    {get,        Host::api,     "/pki/ca.cer",                                  Guard::open,   none,  Execution::pool,    pki::authority},
    {get,        Host::api,     "/pki/ca.crl",                                  Guard::open,   none,  Execution::pool,    pki::revocation_list},
    {post,       Host::api,     "/pki/ocsp",                                    Guard::open,   small, Execution::fiber,   pki::ocsp},
    {get,        Host::api,     "/pki/ocsp/{rest}",                             Guard::open,   none,  Execution::fiber,   pki::ocsp_get},
    {post,       Host::api,     "/pki/tsa",                                     Guard::open,   small, Execution::fiber,   pki::timestamp},
    {post,       Host::api,     "/pki/cmp/{id}",                                Guard::open,   cmp_message, Execution::pool, pki::cmp},
    // RFC 9480 §3.3
    {post,       Host::api,     "/.well-known/cmp/p/{id}",                      Guard::open,   cmp_message, Execution::pool, pki::cmp},

    {get,        Host::any,     "/healthz",                                     Guard::open,   none,  Execution::fiber,   observe::health},
    {get,        Host::api,     "/metrics",                                     Guard::open,   none,  Execution::pool,    observe::metrics},

    {post,       Host::admin,   "/admin/v1/clients",                            Guard::local,  batch, Execution::pool,    admin::add_client},
    {get,        Host::admin,   "/admin/v1/clients",                            Guard::local,  none,  Execution::pool,    admin::list_clients},
    {get,        Host::admin,   "/admin/v1/clients/{id}",                       Guard::local,  none,  Execution::pool,    admin::show_client},
    {post,       Host::admin,   "/admin/v1/clients/{id}",                       Guard::local,  small, Execution::pool,    admin::change_client},
    {post,       Host::admin,   "/admin/v1/clients/{id}/secret",                Guard::local,  small, Execution::pool,    admin::renew_client_secret},
    {post,       Host::admin,   "/admin/v1/reload",                             Guard::local,  small, Execution::pool,    admin::reload},
    {post,       Host::admin,   "/admin/v1/push-key",                           Guard::local,  small, Execution::pool,    admin::rotate_push_key},
    {post,       Host::admin,   "/admin/v1/token-key",                          Guard::local,  small, Execution::pool,    admin::rotate_token_key},
    {post,       Host::admin,   "/admin/v1/application-logins",                 Guard::local,  small, Execution::pool,    admin::renew_application_login},
    {post,       Host::admin,   "/admin/v1/signers",                            Guard::local,  small, Execution::pool,    admin::add_signer},
    {get,        Host::admin,   "/admin/v1/signers",                            Guard::local,  none,  Execution::pool,    admin::list_signers},
    {post,       Host::admin,   "/admin/v1/signers/status",                     Guard::local,  small, Execution::pool,    admin::change_signer},
    {post,       Host::admin,   "/admin/v1/signers/lost-phone",                 Guard::local,  small, Execution::pool,    admin::lost_phone},
    {get,        Host::admin,   "/admin/v1/credentials",                        Guard::local,  none,  Execution::pool,    admin::list_credentials},
    {post,       Host::admin,   "/admin/v1/credentials/{id}",                   Guard::local,  small, Execution::pool,    admin::change_credential},
    {post,       Host::admin,   "/admin/v1/signers/email",                      Guard::local,  small, Execution::pool,    admin::set_email},
    {post,       Host::admin,   "/admin/v1/login-invitations",                  Guard::local,  small, Execution::pool,    admin::invite_to_login},
    {post,       Host::admin,   "/admin/v1/credentials",                        Guard::local,  small, Execution::pool,    admin::add_credential},
    {get,        Host::admin,   "/admin/v1/credentials/{id}",                   Guard::local,  none,  Execution::pool,    admin::show_credential},
    {post,       Host::admin,   "/admin/v1/renewals",                           Guard::local,  batch, Execution::pool,    admin::renew},
    {post,       Host::admin,   "/admin/v1/certification-requests",             Guard::local,  batch, Execution::pool,    admin::request_certification},
    {get,        Host::admin,   "/admin/v1/certification-requests/{id}",        Guard::local,  none,  Execution::pool,    admin::show_certification},
    {post,       Host::admin,   "/admin/v1/external-certificates",              Guard::local,  batch, Execution::pool,    admin::import_certificates},
    {get,        Host::admin,   "/admin/v1/external-revocations",               Guard::local,  none,  Execution::pool,    admin::list_external_revocations},
    {post,       Host::admin,   "/admin/v1/external-revocations/{id}",          Guard::local,  small, Execution::pool,    admin::note_external_revocation},
    {post,       Host::admin,   "/admin/v1/officers",                           Guard::local,  small, Execution::pool,    admin::add_officer},
    {get,        Host::admin,   "/admin/v1/officers",                           Guard::local,  none,  Execution::pool,    admin::list_officers},
    {post,       Host::admin,   "/admin/v1/officers/{id}/remove",               Guard::local,  small, Execution::pool,    admin::remove_officer},
    {post,       Host::admin,   "/admin/v1/office-users",                       Guard::local,  small, Execution::pool,     admin::add_office_user},
    {get,        Host::admin,   "/admin/v1/office-users",                       Guard::local,  none,  Execution::pool,     admin::list_office_users},
    {post,       Host::admin,   "/admin/v1/office-users/{id}",                  Guard::local,  small, Execution::pool,     admin::change_office_user},
    {post,       Host::admin,   "/admin/v1/office-users/{id}/invite",           Guard::local,  small, Execution::pool,     admin::invite_office_user},
    {post,       Host::admin,   "/admin/v1/issuers",                            Guard::local,  small, Execution::pool,    admin::add_issuer},
    {post,       Host::admin,   "/admin/v1/services",                           Guard::local,  small, Execution::pool,    admin::add_service},
    {post,       Host::admin,   "/admin/v1/cmp-accounts",                       Guard::local,  small, Execution::pool,    admin::add_cmp_account},
    {get,        Host::admin,   "/admin/v1/cmp-accounts",                       Guard::local,  none,  Execution::pool,    admin::list_cmp_accounts},
    {post,       Host::admin,   "/admin/v1/cmp-accounts/{id}/secret",           Guard::local,  small, Execution::pool,    admin::renew_cmp_secret},
    {post,       Host::admin,   "/admin/v1/cmp-accounts/{id}/remove",           Guard::local,  small, Execution::pool,    admin::remove_cmp_account},
    {get,        Host::admin,   "/admin/v1/cmp-requests",                       Guard::local,  none,  Execution::pool,    admin::list_cmp_requests},
    {post,       Host::admin,   "/admin/v1/certificates",                       Guard::local,  batch, Execution::pool,    admin::issue},
    {get,        Host::admin,   "/admin/v1/ca",                                 Guard::local,  none,  Execution::pool,    admin::authority},
    {get,        Host::admin,   "/admin/v1/keys",                               Guard::local,  none,  Execution::pool,    admin::keys},
    {get,        Host::admin,   "/admin/v1/modules",                            Guard::local,  none,  Execution::pool,    admin::modules},
    {post,       Host::admin,   "/admin/v1/modules/self-test",                  Guard::local,  small, Execution::pool,    admin::self_test},
    {get,        Host::admin,   "/admin/v1/metrics",                            Guard::local,  none,  Execution::pool,    observe::local_metrics},
    {post,       Host::admin,   "/admin/v1/audit",                              Guard::local,  small, Execution::pool,    admin::audit},
    {get,        Host::admin,   "/admin/v1/webhooks",                           Guard::local,  none,  Execution::pool,    admin::list_webhooks},
    {post,       Host::admin,   "/admin/v1/webhooks/{id}/retry",                Guard::local,  small, Execution::pool,    admin::retry_webhook},
    {get,        Host::admin,   "/admin/v1/raisings",                           Guard::local,  none,  Execution::pool,    admin::list_raisings},
    {post,       Host::admin,   "/admin/v1/raisings/retry",                     Guard::local,  small, Execution::pool,    admin::retry_raisings},
    {get,        Host::admin,   "/admin/v1/notices",                            Guard::local,  none,  Execution::pool,    admin::list_notices},
    {get,        Host::admin,   "/admin/v1/notices/{id}",                       Guard::local,  none,  Execution::pool,    admin::show_notice},
    {post,       Host::admin,   "/admin/v1/notices",                            Guard::local,  small, Execution::pool,    admin::try_notice},
    {get,        Host::admin,   "/admin/v1/transactions/{id}",                  Guard::local,  none,  Execution::pool,    admin::show_transaction},
    // clang-format on
};

}  // namespace

std::span<const http::Route> routes() {
    return table;
}

std::vector<http::Route> public_routes() {
    std::vector<http::Route> found;
    for (auto route : table) {
        const bool is_public =
            route.path.starts_with("/pki/") || route.path.starts_with("/.well-known/cmp/");
        if (is_public && route.guard == Guard::open) {
            route.host = Host::any;
            found.push_back(route);
        }
    }
    return found;
}

}  // namespace server::api

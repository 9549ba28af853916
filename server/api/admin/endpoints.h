#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// The admin socket: what the operator's program `kyso` asks of a running server.
namespace server::api::admin {

http::Outcome add_client(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome list_clients(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome show_client(Context& context,
                          const http::Request&,
                          const http::PathParameters& parameters);
http::Outcome change_client(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters);
http::Outcome renew_client_secret(Context& context,
                                  const http::Request&,
                                  const http::PathParameters& parameters);
http::Outcome reload(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
http::Outcome rotate_push_key(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome rotate_token_key(Context& context,
                               const http::Request& request,
                               const http::PathParameters&);
http::Outcome renew_application_login(Context& context,
                                      const http::Request& request,
                                      const http::PathParameters&);
http::Outcome add_signer(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome list_signers(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);
http::Outcome change_signer(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters);
http::Outcome lost_phone(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome list_credentials(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters);
http::Outcome change_credential(Context& context,
                                const http::Request& request,
                                const http::PathParameters& parameters);
http::Outcome invite_to_login(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome add_credential(Context& context,
                             const http::Request& request,
                             const http::PathParameters&);
http::Outcome renew(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome request_certification(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&);
http::Outcome show_certification(Context& context,
                                 const http::Request&,
                                 const http::PathParameters& parameters);
http::Outcome import_certificates(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters&);
http::Outcome list_external_revocations(Context& context,
                                        const http::Request&,
                                        const http::PathParameters&);
http::Outcome note_external_revocation(Context& context,
                                       const http::Request& request,
                                       const http::PathParameters& parameters);
http::Outcome show_credential(Context& context,
                              const http::Request& request,
                              const http::PathParameters& parameters);
http::Outcome add_officer(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);
http::Outcome list_officers(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome remove_officer(Context& context,
                             const http::Request&,
                             const http::PathParameters& parameters);
http::Outcome add_office_user(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome list_office_users(Context& context,
                                const http::Request&,
                                const http::PathParameters&);
http::Outcome change_office_user(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters& parameters);
http::Outcome invite_office_user(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters& parameters);
http::Outcome add_service(Context& context,
                          const http::Request& request,
                          const http::PathParameters& parameters);
http::Outcome add_cmp_account(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome list_cmp_accounts(Context& context,
                                const http::Request&,
                                const http::PathParameters&);
http::Outcome renew_cmp_secret(Context& context,
                               const http::Request&,
                               const http::PathParameters& parameters);
http::Outcome remove_cmp_account(Context& context,
                                 const http::Request&,
                                 const http::PathParameters& parameters);
http::Outcome list_cmp_requests(Context& context,
                                const http::Request& request,
                                const http::PathParameters&);
http::Outcome add_issuer(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome issue(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome authority(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);
http::Outcome keys(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome modules(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome self_test(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);
http::Outcome audit(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome list_webhooks(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);
http::Outcome retry_webhook(Context& context,
                            const http::Request&,
                            const http::PathParameters& parameters);
http::Outcome list_raisings(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);
http::Outcome retry_raisings(Context& context, const http::Request&, const http::PathParameters&);
http::Outcome list_notices(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);
http::Outcome show_notice(Context& context,
                          const http::Request&,
                          const http::PathParameters& parameters);
http::Outcome try_notice(Context& context,
                         const http::Request& request,
                         const http::PathParameters&);
http::Outcome set_email(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);
http::Outcome show_transaction(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters);

}  // namespace server::api::admin

#pragma once

#include "server/api/context.h"
#include "server/http/route.h"

// The approve host: what phones of signers and officers call (README "Approve API").
namespace server::api::approve {

http::Outcome enrol(Context& context, const http::Request& request, const http::PathParameters&);
// Uses the link of `kyso officer add` up.
http::Outcome connect_officer(Context& context,
                              const http::Request& request,
                              const http::PathParameters&);
http::Outcome pending(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome history(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome devices(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome rename_device(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters);
http::Outcome remove_device(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters);
http::Outcome document(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);
http::Outcome more_time(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters);
http::Outcome events(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome push(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome subscribe(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);
http::Outcome unsubscribe(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);
http::Outcome start(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome show(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters);
http::Outcome approve(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters);
http::Outcome reject(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters);
http::Outcome not_mine(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);

// A new phone in an old one's place.
http::Outcome announce(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome move_progress(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);
http::Outcome move_approve(Context& context,
                           const http::Request& request,
                           const http::PathParameters&);
http::Outcome move_reject(Context& context,
                          const http::Request& request,
                          const http::PathParameters&);
http::Outcome take_move(Context& context,
                        const http::Request& request,
                        const http::PathParameters&);

// The app itself (cloudsign/web/approve): a page, and the files that it names.
http::Outcome app_page(Context& context, const http::Request& request, const http::PathParameters&);
http::Outcome app_root_file(Context& context,
                            const http::Request& request,
                            const http::PathParameters&);
http::Outcome app_file(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters);

}  // namespace server::api::approve

#!/usr/bin/python3
"""The desktop's part of notifications (org.freedesktop.Notifications 1.2), for a browser under test:
prints each one that is shown as a line of JSON; a line with its number on standard input taps it."""

import json
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.Notifications"


class Daemon(dbus.service.Object):
    shown = 0

    @dbus.service.method(NAME, in_signature="", out_signature="as")
    def GetCapabilities(self):
        return ["actions", "body"]

    @dbus.service.method(NAME, in_signature="", out_signature="ssss")
    def GetServerInformation(self):
        return ("test", "kyso", "1", "1.2")

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, _app, replaces, _icon, summary, body, actions, hints, _timeout):
        if not replaces:
            self.shown += 1
        number = int(replaces) or self.shown
        print(json.dumps({"number": number, "title": str(summary), "body": str(body),
                          "actions": [str(one) for one in actions],
                          "silent": bool(hints.get("suppress-sound", False))}), flush=True)
        return dbus.UInt32(number)

    @dbus.service.method(NAME, in_signature="u", out_signature="")
    def CloseNotification(self, number):
        self.NotificationClosed(number, 3)

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.signal(NAME, signature="uu")
    def NotificationClosed(self, number, reason):
        pass


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    name = dbus.service.BusName(NAME, bus)
    daemon = Daemon(bus, "/org/freedesktop/Notifications")
    loop = GLib.MainLoop()

    def command(channel, _condition):
        line = channel.readline()
        if not line:
            loop.quit()
            return False
        daemon.ActionInvoked(dbus.UInt32(int(line)), "default")
        return True
    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, command)
    print(json.dumps({"ready": str(name)}), flush=True)
    loop.run()


if __name__ == "__main__":
    main()

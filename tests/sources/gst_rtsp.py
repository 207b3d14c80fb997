"""A real RTSP server, for the system's Python with GStreamer's bindings: `python3 gst_rtsp.py PORT AUTH [CERT KEY]`.

`--frames FOLDER` in the place of a certificate: sends 0000.jpg, 0001.jpg … of it instead.

Streams `/live` (H.264, 25 frames a second, a running clock). AUTH: none, basic or digest (anna, s3cret-word). With a
certificate it speaks rtsps. Prints "ready" when it listens; ends with its standard input.
"""

from __future__ import annotations

import sys
import threading

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found] # noqa: E402

port, auth_kind = sys.argv[1], sys.argv[2]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
picture = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=25/1 ! timeoverlay"
    if "--frames" not in sys.argv
    else f"multifilesrc location={sys.argv[4]}/%04d.jpg loop=true caps=image/jpeg,framerate=25/1 ! jpegdec ! "
    "videoconvert ! video/x-raw,format=I420 ! clocksync"
)
factory.set_launch(
    f"( {picture} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay name=pay0 pt=96 )"
)
factory.set_shared(True)
certificate = sys.argv[3:5] if len(sys.argv) > 3 and "--frames" not in sys.argv else []
if auth_kind != "none" or certificate:
    auth = GstRtspServer.RTSPAuth()
    if certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(*certificate))
    if auth_kind != "none":
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        role = Gst.Structure.new_from_string("user, media.factory.access=true, media.factory.construct=true")
        factory.add_role_from_structure(role)
        if auth_kind == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest("anna", "s3cret-word", token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic("anna", "s3cret-word"), token)
    else:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        factory.add_role_from_structure(
            Gst.Structure.new_from_string("user, media.factory.access=true, media.factory.construct=true")
        )
        auth.set_default_token(token)
    server.set_auth(auth)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
loop = GLib.MainLoop()


def end_with_stdin() -> None:
    sys.stdin.read()
    loop.quit()


threading.Thread(target=end_with_stdin, daemon=True).start()
print("ready", server.get_bound_port(), flush=True)
loop.run()

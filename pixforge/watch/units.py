"""Ready-made descriptions of the watch for the service managers of Linux, macOS and Windows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape

Manager = Literal["systemd", "launchd", "windows"]
MANAGERS: Final[tuple[Manager, ...]] = ("systemd", "launchd", "windows")


def usual_manager() -> Manager:
    """Return the service manager of this system."""
    return {"win32": "windows", "darwin": "launchd"}.get(sys.platform, "systemd")  # type: ignore[return-value]  # of the dict


def unit(manager: Manager, command: Sequence[str], folder: Path, name: str) -> str:
    """Return the text of a unit; its first comment says how to install it.

    Args:
        manager: for which service manager.
        command: the program and its arguments.
        folder: where it runs.
        name: of the service: letters, digits, "-".
    """
    makers = {"systemd": _systemd, "launchd": _launchd, "windows": _windows}
    return makers[manager](command, folder, name)


def _systemd(command: Sequence[str], folder: Path, name: str) -> str:
    words = " ".join(_systemd_word(word) for word in command)
    return f"""# Save as ~/.config/systemd/user/{name}.service, then:
#   systemctl --user daemon-reload && systemctl --user enable --now {name}
# To start it without anybody logged in: loginctl enable-linger
[Unit]
Description=pixforge watches {_percent(str(folder))}

[Service]
WorkingDirectory={_percent(str(folder))}
ExecStart={words}
KillMode=mixed
TimeoutStopSec=90
Restart=on-failure
RestartSec=5

[Install]
WantedBy=default.target
"""


def _systemd_word(word: str) -> str:
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_percent(quoted).replace("$", "$$")}"'


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _launchd(command: Sequence[str], folder: Path, name: str) -> str:
    label = f"org.pixforge.{name}"
    words = "\n".join(f"    <string>{escape(word)}</string>" for word in command)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- Save as ~/Library/LaunchAgents/{label}.plist, then:
     launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{label}.plist -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{label}</string>
  <key>ProgramArguments</key>
  <array>
{words}
  </array>
  <key>WorkingDirectory</key>
  <string>{escape(str(folder))}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>90</integer>
</dict>
</plist>
"""


def _windows(command: Sequence[str], folder: Path, name: str) -> str:
    import subprocess

    arguments = escape(subprocess.list2cmdline(command[1:]))
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<!-- Save as {name}.xml (UTF-16), then: schtasks /Create /TN {name} /XML {name}.xml -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>pixforge watches {escape(str(folder))}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(command[0])}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{escape(str(folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""

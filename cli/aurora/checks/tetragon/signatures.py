"""The functions of the kernel that policies may hook, and the types that Tetragon may read their arguments as.

Data and lookups only. Sources: the kernel's `include/linux/lsm_hook_defs.h`, `net/ipv4/tcp_output.c` and its system
calls; `typesCompatible` in Tetragon 1.7.0, `pkg/btf/validation.go`, for what may read what. An argument of 64 bits may
be read as `int`: Tetragon then keeps the lower half, which is whole for flags and requests.
"""

import re

MOST_ARGUMENTS = 5
ARCHITECTURES = ("__x64_", "__arm64_", "__ia32_")
_SYSCALL = re.compile(r"sys_[a-z0-9_]+")

_FILE, _PATH, _PROGRAM, _SOCK = ("file",), ("path",), ("linux_binprm",), ("sock",)
_SOCKET, _ADDRESS = ("socket",), ("sockaddr", "sockaddr_un")
_INT = ("int", "int32", "sint32")
_UINT = ("int", "uint32")
_LONG = ("int", "int64", "sint64", "long")
_ULONG = ("int", "uint64", "ulong")
_SIZE = ("int", "size_t", "uint64", "ulong")
_TEXT = ("string", "char_buf")
_BUFFER = ("char_buf", "string")
_DESCRIPTOR = ("int", "int32", "sint32", "fd")
_ANY: tuple[str, ...] = ()

SIGNATURES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fd_install": (("int", "uint32", "fd"), _FILE),
    "filp_close": (_FILE, _ANY),
    "security_bprm_check": (_PROGRAM,),
    "security_bprm_creds_from_file": (_PROGRAM, _FILE),
    "security_bprm_creds_for_exec": (_PROGRAM,),
    "security_file_open": (_FILE,),
    "security_file_permission": (_FILE, _INT),
    "security_mmap_file": (_FILE, _ULONG, _ULONG),
    "security_path_truncate": (_PATH,),
    "security_sb_mount": (_TEXT, _PATH, _TEXT, _ULONG, _ANY),
    "security_socket_connect": (_SOCKET, _ADDRESS, _INT),
    "sys_bpf": (("int", "int32", "bpf_cmd"), ("bpf_attr",), _UINT),
    "sys_clone": (_ULONG, _ULONG, _ANY, _ANY, _ULONG),
    "sys_connect": (_DESCRIPTOR, _ADDRESS, _INT),
    "sys_execve": (_TEXT, _ANY, _ANY),
    "sys_execveat": (_DESCRIPTOR, _TEXT, _ANY, _ANY, _INT),
    "sys_mount": (_TEXT, _TEXT, _TEXT, _ULONG, _ANY),
    "sys_openat": (_DESCRIPTOR, _TEXT, _INT, ("int", "uint16")),
    "sys_ptrace": (_LONG, _LONG, _ULONG, _ULONG),
    "sys_read": (("int", "uint32", "fd"), _BUFFER, _SIZE),
    "sys_setns": (_DESCRIPTOR, _INT),
    "sys_unshare": (_ULONG,),
    "sys_write": (("int", "uint32", "fd"), _BUFFER, _SIZE),
    "tcp_close": (_SOCK, _LONG),
    "tcp_connect": (_SOCK,),
    "tcp_sendmsg": (_SOCK, _ANY, _SIZE),
}
"""Each argument's types in order; an empty tuple is an argument that only `nop` or a resolved field can read."""

EXECUTIONS = frozenset({"sys_execve", "sys_execveat", "security_bprm_check", "security_bprm_creds_from_file"})
"""Calls by a process that is about to be another program: its binary is still the caller's."""


def architecture(call: str) -> str | None:
    """Give the architecture's prefix of a system call's symbol."""
    return next((prefix for prefix in ARCHITECTURES if call.startswith(prefix)), None)


def is_syscall(call: str) -> bool:
    """Tell whether a call is a system call by its name."""
    return bool(_SYSCALL.fullmatch(call.removeprefix(architecture(call) or "")))

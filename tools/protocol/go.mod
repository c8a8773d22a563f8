module aurora.example/tools/protocol

go 1.26.6

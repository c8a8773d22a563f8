package main



func main() {}

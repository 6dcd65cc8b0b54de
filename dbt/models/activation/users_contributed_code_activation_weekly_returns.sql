{{ activation_returns(fact="users_contributed_code", grain="weekly") }}

{{ activation_returns(fact="users_purchased_item", grain="weekly") }}
